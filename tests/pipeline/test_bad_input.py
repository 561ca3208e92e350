"""Whatever is put on the log: it gets its answer with the right code, and the platform goes on."""

import base64
import io
import struct
import zlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
import pytest_asyncio
from PIL import Image

from schemas.responses import Response
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform

pytestmark = pytest.mark.asyncio(loop_scope="module")
HELLO = [{"role": "user", "content": "hello"}]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    """Without a vision model, and with limits that are quickly reached."""
    limits = {"record_bytes": 65_536, "prompt_chars": 5_000}
    async with start({"routing": {"vision": None}}, limits=limits) as running:
        yield running


def png(width: int, height: int) -> bytes:
    """A header, and nothing after it."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    return buffer.getvalue()


def image(data: bytes | str, count: int = 1) -> dict[str, Any]:
    """A chat request about an inline picture."""
    encoded = data if isinstance(data, str) else base64.b64encode(data).decode()
    part = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{encoded}"}}
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": "what is it?"}, *[part] * count]}]}


def file(data: bytes, name: str) -> dict[str, str]:
    return {"name": name, "data": base64.b64encode(data).decode()}


def chat(**fields: Any) -> dict[str, Any]:
    return {"messages": HELLO, **fields}


CASES: list[tuple[str, Any, str, int, str | None]] = [
    # (topic, value, error.code, error.http_status, error.param)
    ("requests", b'{"messages": [', "invalid_json", 400, None),  # cut off
    ("requests", b"hello, are you there?", "invalid_json", 400, None),  # no JSON
    ("requests", b"", "invalid_json", 400, None),  # nothing at all
    ("requests", b'{"messages": "\xff\xfe"}', "invalid_json", 400, None),  # no UTF-8
    ("requests", b"[1, 2]", "invalid_json", 400, None),  # JSON, but no object
    ("requests", b'{"temperature": NaN}', "invalid_json", 400, None),  # RFC 8259 has no NaN
    ("requests", b'{"temperature": 1e999}', "invalid_json", 400, None),  # an infinity
    ("requests", b"[" * 50_000, "invalid_json", 400, None),  # a pit of brackets
    ("requests", {}, "invalid_field", 400, None),  # nothing asked
    ("requests", chat(temprature=1), "invalid_field", 400, "temprature"),  # misspelt
    ("requests", {"messages": "hello"}, "invalid_field", 400, "messages"),  # the wrong type
    ("requests", chat(temperature=3), "invalid_field", 400, "temperature"),  # out of range
    ("requests", chat(id="a#b"), "invalid_field", 400, "id"),  # '#' marks what the platform makes of an id
    ("requests", chat(id="a#r1"), "invalid_field", 400, "id"),  # nor may a client mark it as redriven
    ("requests", chat(id="x" * 129), "invalid_field", 400, "id"),  # no room for that mark
    ("requests", chat(id=7), "invalid_field", 400, "id"),  # a number
    ("requests", chat(id="中文 id"), "invalid_field", 400, "id"),  # not printable ASCII
    ("requests", chat(deadline="2026-01-01T00:00:00"), "invalid_field", 400, "deadline"),  # no time zone
    ("requests", chat(deadline="2020-01-01T00:00:00Z"), "deadline_exceeded", 504, None),  # long ago
    ("requests", chat(model="gpt-9"), "model_not_found", 404, "model"),  # unknown
    ("requests", chat(model="vectors"), "invalid_field", 400, "model"),  # it answers no chat
    ("requests", chat(model="foreign", security="high"), "forbidden", 403, "model"),  # a remote one
    ("requests", {"kind": "embedding"}, "invalid_field", 400, None),  # of nothing
    ("requests", {"kind": "cancel"}, "invalid_field", 400, None),  # of nothing
    ("requests", chat(kind="dance"), "invalid_field", 400, "kind"),
    ("requests", {"template": {"name": "none"}}, "not_found", 404, "template"),  # no such prompt
    ("requests", {"prompt": "字" * 6_000, "kind": "completion"}, "too_large", 413, "messages"),  # over prompt_chars
    ("requests", chat(user="x" * 70_000), "too_large", 413, None),  # over record_bytes
    ("requests", image("!!!!"), "invalid_upload", 400, None),  # no base64
    ("requests", image(b"hello"), "invalid_upload", 400, None),  # no picture
    ("requests", image(png(30_000, 30_000)), "too_large", 413, None),  # a bomb, known by its header
    ("requests", image(picture(), 9), "invalid_field", 400, "messages"),  # too many
    ("requests", image(picture()), "model_not_available", 503, "messages"),  # nothing here sees
    ("requests", {"kind": "classify", "labels": ["cat", "狗"], **image(picture())}, "model_not_available", 503, None),
    ("uploads", b"\x89PNG", "invalid_json", 400, None),  # the file itself instead of an event
    ("uploads", {"name": "empty"}, "invalid_field", 400, None),  # neither data nor a reference
    ("uploads", file(b"just text", "scan.png"), "invalid_upload", 400, None),  # named .png
    ("uploads", file(png(30_000, 30_000), "huge.png"), "too_large", 413, None),
    ("uploads", {"stored": {"uri": "file:///etc/passwd", "sha256": "0" * 64}}, "invalid_upload", 400, "uri"),
    ("uploads", {"stored": {"uri": f"objects/00/{'0' * 64}", "sha256": "0" * 64}}, "not_found", 404, None),
    ("uploads", file(picture(), "good.png"), "model_not_available", 503, None),  # kept, but nothing reads it
    ("feedback", {"request_id": "never-asked", "thumb": "up"}, "not_found", 404, "request_id"),
    ("feedback", {"request_id": "never-asked"}, "invalid_field", 400, None),  # says nothing
    ("feedback", {"request_id": "never-asked", "rating": 6}, "invalid_field", 400, "rating"),
]


def says(response: Response, code: str) -> tuple[str, int, str]:
    """The code, HTTP status and status of a refusal; each has a verdict and a message."""
    assert response.error is not None
    assert response.error.code == code, response.error
    assert response.error.message
    assert response.verdict.policy
    assert not response.text
    return response.error.code, response.error.http_status, response.status


def status_of(code: str, http_status: int) -> str:
    return "expired" if code == "deadline_exceeded" else "failed" if http_status >= 500 else "refused"


@pytest.mark.parametrize(("topic", "value", "code", "http_status", "param"), CASES)
async def test_bad_input_is_answered(
    platform: Platform, topic: str, value: Any, code: str, http_status: int, param: str | None
) -> None:
    response = await platform.answer(await platform.publish(topic, value))
    assert says(response, code) == (code, http_status, status_of(code, http_status))
    assert response.error is not None
    assert response.error.param == param
    assert response.tenant == "local"
    assert (await platform.ask()).text == "hello, 你好"  # the platform goes on


@pytest.mark.parametrize("value", [b'{"messages": [', b'{"messages": "' + b"x" * 70_000])
async def test_what_cannot_be_read_is_kept_byte_by_byte(platform: Platform, value: bytes) -> None:
    source = await platform.publish("requests", value, key="kept", headers=[("traceparent", b"\xff")])
    await platform.answer(source)
    [failure] = [each for each in platform.deadletters() if each.source == source]
    assert base64.b64decode(failure.value) == value
    assert base64.b64decode(failure.key or "") == b"kept"
    assert [(name, base64.b64decode(data)) for name, data in failure.headers] == [("traceparent", b"\xff")]
    assert (failure.attempts, failure.redriven) == (1, 0)


@pytest.mark.parametrize("length", [20, 199])
@pytest.mark.parametrize("mark", ["many", "中文 \n", "-1", "9" * 400, "7"])
async def test_a_mark_of_return_that_a_client_made_up_stops_nothing(platform: Platform, mark: str, length: int) -> None:
    for kind in ("text", "json"):
        name = f"{kind}-{zlib.crc32(mark.encode())}".ljust(length, "x")
        headers = [("headrace-redriven", mark.encode()), ("ce_id", name.encode())]
        value = b"no json" if kind == "text" else orjson.dumps(chat())
        response = await platform.answer(await platform.publish("requests", value, headers=headers))
        assert response.id.endswith("#r7") == (mark == "7")


async def test_a_missing_variable_is_named(platform: Platform) -> None:
    await platform.prompt("greeting", "Greet $name in $language.")
    request = {"template": {"name": "greeting", "variables": {"name": "李雷"}}}
    response = await platform.answer(await platform.publish("requests", request))
    assert says(response, "invalid_field") == ("invalid_field", 400, "refused")
    assert "'language'" in str(response.error)


async def test_nobody_is_let_in_without_a_tenant(start: Start) -> None:
    async with start(default_tenant=None, limits={}) as closed:
        response = await closed.answer(await closed.publish("requests", orjson.dumps(chat())))
        assert says(response, "invalid_api_key") == ("invalid_api_key", 401, "refused")
