"""Files: stored, checked by the platform, and seen by their own tenant only."""

from typing import Any

import openai
import pytest
from aiohttp import FormData

from schemas.errors import InvalidUpload
from tests.streams.gateway.conftest import MakeGateway
from tests.streams.gateway.doubles import Reply

PICTURE = ("发票.png", b"\x89PNG bytes", "image/png")


async def test_a_file_lives_and_dies(gateway: MakeGateway) -> None:
    gate = await gateway()
    files = gate.openai().files
    made = await files.create(file=PICTURE, purpose="vision")
    assert (made.bytes, made.filename, made.status) == (10, "发票.png", "processed")
    assert (await files.retrieve(made.id)).id == made.id
    assert [file.id async for file in files.list()] == [made.id]
    assert (await files.content(made.id)).content == PICTURE[1]
    assert (await files.delete(made.id)).deleted
    with pytest.raises(openai.NotFoundError):
        await files.retrieve(made.id)


async def test_the_log_carries_a_claim_check(gateway: MakeGateway) -> None:
    gate = await gateway()
    made = await gate.openai().files.create(file=PICTURE, purpose="vision")
    [said] = gate.platform.said("uploads")
    assert said["id"] == made.id
    assert (said["tenant"], said["name"], said["media_type"]) == ("acme", "发票.png", "image/png")
    assert gate.platform.objects.get(said["stored"]["uri"], said["stored"]["sha256"], 100) == PICTURE[1]


async def test_another_tenants_file_is_not_there(gateway: MakeGateway) -> None:
    gate = await gateway()
    made = await gate.openai().files.create(file=PICTURE, purpose="vision")
    theirs = gate.openai(gate.issue("globex")).files
    for call in (theirs.retrieve, theirs.content, theirs.delete):
        with pytest.raises(openai.NotFoundError):
            await call(made.id)
    assert [file async for file in theirs.list()] == []
    assert (await gate.openai().files.retrieve(made.id)).id == made.id


async def test_content_is_never_shown_by_a_browser(gateway: MakeGateway) -> None:
    gate = await gateway()
    made = await gate.openai().files.create(file=PICTURE, purpose="vision")
    async with gate.http.get(f"/v1/files/{made.id}/content", headers=gate.headers()) as answer:
        assert answer.headers["Content-Disposition"] == "attachment"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_an_idempotency_key_makes_one_file(gateway: MakeGateway) -> None:
    gate = await gateway()
    same = {"Idempotency-Key": "k"}
    files = gate.openai().files
    first = await files.create(file=PICTURE, purpose="vision", extra_headers=same)
    again = await files.create(file=PICTURE, purpose="vision", extra_headers=same)
    assert first.id == again.id
    with pytest.raises(openai.ConflictError):
        await files.create(file=("other", b"other"), purpose="vision", extra_headers=same)


async def test_what_the_platform_refuses_is_refused(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["a.png"] = Reply(error=InvalidUpload("this is text, not a PNG", param="file"))
    with pytest.raises(openai.BadRequestError) as caught:
        await gate.openai().files.create(file=("a.png", b"hello"), purpose="vision")
    assert caught.value.code == "invalid_upload"


def _form(**fields: Any) -> FormData:
    form = FormData(default_to_multipart=True)
    for name, value in fields.items():
        form.add_field(name, value, filename="a" if isinstance(value, bytes) else None)
    return form


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        # no form at all
        (b"{}", "application/json", 415, "unsupported_media_type"),
        # a form without its boundary
        (b"x", "multipart/form-data", 400, "invalid_request"),
        # a boundary that never comes
        (b"x", "multipart/form-data; boundary=b", 400, "invalid_request"),
        # cut off in the middle of a part
        (b"--b\r\nContent-Disposition: form-data; name=file\r\n\r\nabc", "multipart/form-data; boundary=b", 400, None),
        # no file
        (_form(purpose="vision"), None, 400, "invalid_upload"),
        # an empty one
        (_form(file=b""), None, 400, "invalid_upload"),
        # an unknown purpose
        (_form(purpose="fun", file=b"x"), None, 400, "invalid_field"),
        # an unknown field
        (_form(file=b"x", color="red"), None, 400, "invalid_field"),
        # over the limit for uploads
        (_form(file=b"x" * 3000), None, 413, "too_large"),
        # over the limit for bodies, by the announced length
        (_form(file=b"x" * 9000), None, 413, "too_large"),
    ],
)
async def test_bad_forms(gateway: MakeGateway, data: Any, content_type: str | None, status: int, code: str) -> None:
    gate = await gateway(limits={"upload_bytes": 2000}, body_bytes=6000)
    more = {"Content_Type": content_type} if content_type else {}
    async with gate.http.post("/v1/files", data=data, headers=gate.headers(**more)) as answer:
        body = await answer.json()
    assert answer.status == status, body
    assert code in (None, body["error"]["code"])
    assert not gate.platform.records
