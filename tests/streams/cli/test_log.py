"""Publishing, following, dead letters and training from the command line, on a real log."""

import asyncio
import json
import time
from base64 import b64encode
from pathlib import Path

import pytest

from infra.broker import Record
from infra.keys import KeyRing, master_key
from infra.reader import read_all
from infra.settings import Settings
from infra.signing import verify
from infra.topics import Names
from schemas.base import Source
from schemas.errors import InternalError
from schemas.failures import Failure
from streams.cli.keys import current
from streams.cli.log import outbox
from streams.cli.tail import Filter, field, pretty
from tests.streams.cli.conftest import Run


def records(settings: Settings, topic: str) -> list[Record]:
    async def read() -> list[Record]:
        return [record async for record in read_all(settings.kafka, [Names(settings.kafka)(topic)])]

    return asyncio.run(read())


def test_a_request_is_published_as_any_client_would(run: Run, settings: Settings) -> None:
    run("topics", "create")
    done = run("publish", "request", "你好", "--id", "r-1", "--system", "Be brief.", "--max-tokens", "5")
    assert done.output == "r-1\n"
    (record,) = records(settings, "requests")
    body = json.loads(record.value or b"")
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert body["max_tokens"] == 5
    assert record.key == b"r-1"


def test_a_signed_record_verifies(run: Run, settings: Settings, tmp_path: Path) -> None:
    run("topics", "create")
    file = tmp_path / "key"
    file.write_text(run("keys", "create", "--tenant", "acme").output)
    run("publish", "feedback", "r-1", "--correction", "不是", "--key", str(file))
    (record,) = records(settings, "feedback")
    ring = KeyRing(master_key(settings))
    for key in asyncio.run(current(settings)).values():
        ring.apply(key)
    found = verify(record.value or b"", record.headers, ring)
    assert found is not None
    assert found.tenant == "acme"
    assert {"id", "time"} <= json.loads(record.value or b"").keys()


def test_an_upload_travels_inline(run: Run, settings: Settings, tmp_path: Path) -> None:
    run("topics", "create")
    file = tmp_path / "发票.png"
    file.write_bytes(b"\x89PNG")
    run("publish", "upload", str(file))
    body = json.loads(records(settings, "uploads")[0].value or b"")
    assert (body["name"], body["data"]) == ("发票.png", b64encode(b"\x89PNG").decode())


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        # standard input that is no JSON, or no object
        (["request", "-"], "{", "standard input is not JSON"),
        (["request", "-"], "[]", "must hold a JSON object"),
        # a misspelt field
        (["request", "-"], '{"mesages": []}', "mesages"),
        # feedback that says nothing
        (["feedback", "r-1"], None, "feedback needs"),
    ],
)
def test_what_cannot_be_published_is_told(run: Run, words: list[str], given: str | None, said: str) -> None:
    done = run("publish", *words, given=given)
    assert (done.exit_code, said in done.output) == (1, True), done.output


def test_waiting_for_an_answer_has_an_end(run: Run) -> None:
    run("topics", "create")
    done = run("publish", "request", "hi", "--wait", "--timeout", "1")
    assert (done.exit_code, "is 'headrace up' running?" in done.output) == (3, True)


def test_tail_filters(run: Run) -> None:
    run("topics", "create")
    for number in range(3):
        run("publish", "request", f"问题 {number}", "--id", f"r-{number}")
    lines = run("tail", "requests", "--since", "earliest", "--end", "--id", "r-1", "--json").output.splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["r-1"]
    shown = run("tail", "requests", "--since", "1h", "--end", "--where", "messages.0.content=问题 2").output
    assert "r-2" in shown
    assert "r-0" not in shown
    assert run("tail", "requests", "--since", "earliest", "--end", "--tenant", "acme").output == ""


@pytest.mark.parametrize(
    ("body", "path", "expected"),
    [
        ({"a": {"b": "x"}}, "a.b", "x"),
        ({"a": [{"b": 1}]}, "a.0.b", "1"),
        ({"a": True}, "a", "true"),
        ({"a": None}, "a", "null"),
        # not there, and not a mapping
        ({"a": "x"}, "b", None),
        ({"a": "x"}, "a.b", None),
        (None, "a", None),
    ],
)
def test_fields_are_found_by_path(body: object, path: str, expected: str | None) -> None:
    assert field(body, path) == expected


def test_an_audit_record_is_found_by_its_request() -> None:
    assert Filter(id="r-1")({"id": "in:x", "request_id": "r-1"})
    assert not Filter(id="r-1", where=(("status", "blocked"),))({"id": "r-1", "status": "completed"})


def test_nothing_in_a_record_moves_the_cursor() -> None:
    evil = "\x1b[2J\x9b2J\u202e"
    record = Record("t", 0, 0, evil.encode(), b"{}", [("ce_type", evil.encode())], 0)
    shown = pretty(record, {"text": evil, "status": evil})
    assert not any(mark in shown for mark in ("\x1b[2J", "\x9b", "\u202e"))


def test_dead_letters_are_listed_and_sent_back(run: Run, settings: Settings) -> None:
    run("topics", "create")
    failure = Failure(
        id="x:0:7",
        source=Source(topic=Names(settings.kafka)("requests"), partition=0, offset=7),
        key=b64encode(b"k").decode(),
        value=b64encode(b"{broken").decode(),
        error=InternalError("a defect").body(),
        attempts=5,
    )
    record = Record(failure.source.topic, 0, 7, b"k", b"{broken", [], 0)

    async def bury() -> None:
        async with outbox(settings) as out:
            await out.failure(failure, record)

    asyncio.run(bury())
    assert "x:0:7" in run("deadletter", "list", "--code", "internal_error").output
    assert run("deadletter", "list", "--code", "other").output == "no dead letters\n"
    assert run("deadletter", "redrive").exit_code == 2
    assert run("deadletter", "redrive", "nothing").exit_code == 1
    assert run("deadletter", "redrive", "x:0:7").exit_code == 0
    (back,) = records(settings, "requests")
    assert (back.key, back.value) == (b"k", b"{broken")
    assert dict(back.headers)["headrace-redriven"] == b"1"


def test_a_training_job_is_asked_for_and_told(run: Run) -> None:
    run("topics", "create")
    job = run("train", "start", "echo", "--rank", "4").output.strip()
    assert "asked for" in run("train", "status", job).output
    (row,) = json.loads(run("train", "list", "--json").output)
    assert (row["job"], row["tenant"]) == (job, "local")
    assert run("train", "status", "nothing").exit_code == 1
    assert run("train", "start", "nothing").exit_code == 1


def test_topics_are_made_once(run: Run, settings: Settings) -> None:
    assert f"{settings.kafka.prefix}.requests" in run("topics", "create").output
    deadline = time.monotonic() + 10  # until the broker's own view has caught up with its controller's
    while run("topics", "create").output != "all topics are there\n":
        assert time.monotonic() < deadline
    names = [row["name"] for row in json.loads(run("topics", "list", "--json").output)]
    assert f"{settings.kafka.prefix}.audit" in names
