"""Small things that tests of the stages are made of, with sensible defaults, and a log in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel

from infra.broker import Record
from schemas.base import Source
from schemas.cloudevents import Header
from schemas.requests import Message
from schemas.responses import Response, Versions
from schemas.results import Delta, Ended, Final
from schemas.screening import Action, Verdict
from schemas.work import ModelPin, Pins, Work

MOMENT = datetime(2026, 5, 1, 12, tzinfo=UTC)
SOURCE = Source(topic="t.requests", partition=0, offset=7)
DIGEST = "d" * 64
ALLOWED = Verdict(action=Action.ALLOW, policy="p1", rules="r1")
ECHO = ModelPin(name="echo", version="v1", pool="text")
REMOTE = ModelPin(name="remote", version="v1", pool="remote", local=False)
M = TypeVar("M", bound=BaseModel)


def record(value: object = b"{}", *, topic: str = "t.requests", offset: int = 7, **headers: bytes) -> Record:
    """``ce_id=b"x"`` and the like are headers; a hyphen in a name is written as two underscores."""
    named = [(name.replace("__", "-"), data) for name, data in headers.items()]
    data = value if isinstance(value, bytes) else orjson.dumps(value)
    return Record(topic, 0, offset, b"key", data, named, 0)


def pins(**changes: Any) -> Pins:
    given = {"kind": "chat", "digest": DIGEST, "source": SOURCE, "admitted": MOMENT, "policy": "p1", "rules": "r1"}
    return Pins.model_validate({**given, "verdict": ALLOWED, "model": ECHO, **changes})


def work(content: str = "hello, 你好", **changes: Any) -> Work:
    messages = (Message(role="user", content=content),)
    given = {"id": "r1", "tenant": "acme", "time": MOMENT, "kind": "chat", "pool": "text", "model": ECHO}
    return Work.model_validate({**given, "pins": pins(), "messages": messages, **changes})


def _result(cls: type[M], changes: dict[str, Any], **given: Any) -> M:
    return cls.model_validate({"id": "r1", "tenant": "acme", "time": MOMENT, "pins": pins(), **given, **changes})


def final(**changes: Any) -> Final:
    return _result(Final, changes, text="hello, 你好", model=ECHO)


def ended(error: Any, **changes: Any) -> Ended:
    return _result(Ended, changes, status="failed", error=error.body())


def delta(position: int, text: str, **changes: Any) -> Delta:
    return _result(Delta, changes, position=position, text=text)


def response(**changes: Any) -> Response:
    given = {"id": "r1", "tenant": "acme", "time": MOMENT, "kind": "chat", "status": "completed", "text": "hello, 你好"}
    made_with = {"verdict": ALLOWED, "prompt_verdict": ALLOWED, "versions": Versions(policy="p1", rules="r1")}
    return Response.model_validate({**given, **made_with, "digest": DIGEST, "source": SOURCE, **changes})


@dataclass
class Log:
    """A ``Publisher`` into memory."""

    said: list[tuple[str, str | bytes | None, bytes | None, Sequence[Header], int | None]] = field(default_factory=list)

    async def publish(
        self,
        topic: str,
        value: bytes | None,
        *,
        key: str | bytes | None = None,
        headers: Sequence[Header] = (),
        partition: int | None = None,
    ) -> Source:
        self.said.append((topic, key, value, headers, partition))
        return Source(topic=topic, partition=partition or 0, offset=len(self.said) - 1)

    @property
    def topics(self) -> list[str]:
        return [topic for topic, *_ in self.said]

    def values(self, topic: str) -> list[dict[str, Any]]:
        return [orjson.loads(value or b"null") for said, _, value, _, _ in self.said if said == topic]
