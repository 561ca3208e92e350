"""Logs: a JSON object a line on stderr, or lines for people; each with the request it belongs to.

A log never carries content: no prompt, no answer, no text read, no secret. Errors of pydantic are therefore written
without the values they complain about, and tracebacks without source lines.
"""

import json
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import orjson
from pydantic import ValidationError

from infra.settings import Settings

CHATTY = ("faust", "mode", "aiokafka", "kafka", "asyncio", "urllib3", "botocore", "aiobotocore", "s3fs", "fsspec")
FRAMES = 20
CHARS = 2000
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_BOUND: ContextVar[Mapping[str, str]] = ContextVar("bound", default=MappingProxyType({}))


def configure(settings: Settings) -> None:
    """Make the root logger write to stderr at the setting's level. Libraries write from ``warning`` on: one that is
    left alone writes everything, which costs a stream processor 6 % of its time."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.log_json else HumanFormatter())
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


@contextmanager
def bind(**fields: str | None) -> Iterator[None]:
    """Put fields (``request_id``, ``tenant``, ``stage``) on every line written inside, in this task."""
    token = _BOUND.set({**_BOUND.get(), **{name: value for name, value in fields.items() if value is not None}})
    try:
        yield
    finally:
        _BOUND.reset(token)


class JsonFormatter(logging.Formatter):
    """``{"time", "level", "logger", "message", …}``: JSON escapes what could look like another line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            **_fields(record),
            "time": f"{datetime.fromtimestamp(record.created, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:CHARS],
        }
        try:
            return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:
            return json.dumps(line, default=str, skipkeys=True)


class HumanFormatter(logging.Formatter):
    """``12:00:01 warning infra.redis: redis is away error=TimeoutError``"""

    def format(self, record: logging.LogRecord) -> str:
        fields = _fields(record)
        frames = fields.pop("stack", [])
        rest = "".join(f" {name}={value}" for name, value in fields.items())
        moment = datetime.fromtimestamp(record.created).astimezone()
        line = f"{moment:%H:%M:%S} {record.levelname.lower()} {record.name}: {record.getMessage()[:CHARS]}{rest}"
        return "\n    ".join(_one_line(text) for text in (line, *frames))


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What is bound, what the caller added (``extra``), and the error with where it was raised."""
    fields = {**_BOUND.get(), **{name: value for name, value in vars(record).items() if name not in _STANDARD}}
    if record.exc_info and record.exc_info[1]:
        error = record.exc_info[1]
        fields |= {"error": " <- ".join(map(_said, _causes(error))), "stack": _stack(error)}
    return fields


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(FRAMES):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def _said(error: BaseException) -> str:
    """The type and the message of an error, without content."""
    if isinstance(error, ValidationError):
        details = error.errors(include_url=False, include_context=False, include_input=False)
        text = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['type']}" for item in details)
    else:
        text = str(error)
    return f"{type(error).__name__}: {text[:CHARS]}"


def _stack(error: BaseException) -> list[str]:
    """The last frames as ``file:line function``, innermost last."""
    frames = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        frames.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return frames[-FRAMES:]


def _one_line(text: str) -> str:
    """Text in which nothing can pass for a line of its own, or move a terminal's cursor."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
