import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from infra.logs import CHATTY, bind, configure
from infra.settings import Settings
from schemas.errors import Unavailable

log = logging.getLogger("infra.test")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Loggers belong to the process: put them back."""
    loggers = [logging.getLogger(), *map(logging.getLogger, CHATTY)]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_an_object_with_what_is_bound_and_added(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings())
    with bind(request_id="r1", tenant=None), bind(stage="screening"):
        log.warning("慢 %s", "slow", extra={"seconds": 1.5})
    log.info("after")
    first, second = lines(capsys)
    assert first["time"].endswith("Z")
    assert {name: first[name] for name in first if name != "time"} == {
        "level": "warning",
        "logger": "infra.test",
        "message": "慢 slow",
        "seconds": 1.5,
        "request_id": "r1",
        "stage": "screening",
    }
    assert "request_id" not in second


async def test_each_task_is_bound_to_its_own_request(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings())

    async def handle(name: str) -> None:
        with bind(request_id=name):
            await asyncio.sleep(0)
            await asyncio.to_thread(log.info, name)

    await asyncio.gather(*(handle(f"r{n}") for n in range(20)))
    assert all(line["request_id"] == line["message"] for line in lines(capsys))


@pytest.mark.parametrize(
    "text",
    [
        'a\n{"level":"error","message":"forged"}',  # another line
        "a\r\x1b[2Jb",  # moves the terminal's cursor
        "a\u2028b",  # a line break of Unicode
        "a\ud800b",  # half a character
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_one_record_is_one_line(capsys: pytest.CaptureFixture[str], text: str, as_json: bool) -> None:
    configure(Settings(log_json=as_json))
    log.info("%s", text, extra={"name_of_file": text})
    written = capsys.readouterr().err
    assert written.count("\n") == 1
    assert "\r" not in written
    assert "\x1b" not in written
    assert not as_json or json.loads(written)["name_of_file"].startswith("a")


def test_an_error_says_where_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings())
    try:
        try:
            raise TimeoutError("connect")
        except TimeoutError as error:
            raise Unavailable("Redis is away") from error
    except Unavailable:
        log.exception("failed")
    (line,) = lines(capsys)
    assert line["error"] == "Unavailable: Redis is away <- TimeoutError: connect"
    assert line["stack"][-1].endswith("test_an_error_says_where_and_why")


@pytest.mark.parametrize("as_json", [True, False])
def test_an_error_of_validation_does_not_show_the_value(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    class Message(BaseModel):
        content: int

    configure(Settings(log_json=as_json))
    try:
        Message.model_validate({"content": "my secret question"})
    except ValidationError:
        log.exception("failed")
    written = capsys.readouterr().err
    assert "secret" not in written
    assert "content: int_parsing" in written


def test_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_json=False))
    with bind(request_id="r1"):
        log.warning("redis is away", extra={"port": 6379})
    assert capsys.readouterr().err.partition(" ")[2] == "warning infra.test: redis is away request_id=r1 port=6379\n"


@pytest.mark.parametrize(
    ("level", "written"),
    [
        ("debug", ["info infra", "warning faust"]),
        ("info", ["info infra", "warning faust"]),
        ("error", []),
    ],
)
def test_libraries_are_quiet(capsys: pytest.CaptureFixture[str], level: str, written: list[str]) -> None:
    configure(Settings.model_validate({"log_level": level}))
    logging.getLogger("infra").info("ours")
    for name in ("faust.transport", "mode.services", "aiokafka.consumer"):
        logging.getLogger(name).info("chatter")
    logging.getLogger("faust").warning("trouble")
    assert [f"{line['level']} {line['logger']}" for line in lines(capsys)] == written
