"""``/v1/files``: upload, look up, list, read and delete; each tenant sees its own only."""

import asyncio
from collections.abc import Iterable
from typing import Any

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import BadHttpMessage
from pydantic import AwareDatetime

from infra.settings import Settings
from infra.vault.kept import SealedFiles
from infra.vault.vault import Vault
from schemas.errors import InvalidField, InvalidRequest, InvalidUpload, NotFound, TooLarge, UnsupportedType
from schemas.uploads import Stored, Upload
from schemas.work import Attachment
from streams.gateway.access import Access, Caller
from streams.gateway.bodies import READ_S, check_length, too_slow
from streams.gateway.errors import completed
from streams.gateway.exchange import Exchange
from streams.gateway.parts import Objects
from streams.gateway.replies import reply
from streams.uploads.checks import without_metadata

PURPOSES = ("user_data", "vision", "assistants", "batch", "fine-tune", "evals")


class FileRecord(Attachment):
    """A checked file as its record says; ``time`` where the record has one."""

    time: AwareDatetime | None = None


class Files:
    def __init__(self, settings: Settings, exchange: Exchange, objects: Objects, vault: Vault | None = None) -> None:
        self._exchange, self._objects, self._vault, self._files = exchange, objects, vault, SealedFiles(objects, vault)
        self._limits, self._limit = settings.limits, settings.limits.upload_bytes

    def routes(self, access: Access) -> Iterable[web.RouteDef]:
        return [
            web.post("/v1/files", access.scoped("files", self.create)),
            web.get("/v1/files", access.scoped("files", self.list)),
            web.get("/v1/files/{id}", access.scoped("files", self.get)),
            web.get("/v1/files/{id}/content", access.scoped("files", self.content)),
            web.delete("/v1/files/{id}", access.scoped("files", self.delete)),
        ]

    async def create(self, http: web.Request, caller: Caller) -> web.Response:
        """Store the bytes, publish the claim check, and answer when the platform has looked at them."""
        form = await read_form(http, self._limit)
        vault = self._vault
        subject = await vault.subject(caller.tenant, caller.key_id) if vault and vault.active else None
        data = await asyncio.to_thread(without_metadata, form.data, form.media_type, form.name, self._limits)
        uri, sha256 = await self._files.put(data, subject)
        upload = Upload(
            id=f"file-{caller.request_id}",
            tenant=caller.tenant,
            trace=caller.trace,
            name=form.name,
            media_type=form.media_type,
            stored=Stored(uri=uri, sha256=sha256),
            user=caller.key_id,
        )
        response = completed(await self._exchange.ask(upload, caller))
        attachment = response.file.model_dump() if response.file else {}
        defaults = {"file_id": upload.id, "uri": uri, "sha256": sha256, "media_type": "", "bytes": len(data)}
        record = FileRecord.model_validate({**defaults, **attachment, "time": response.time})
        return reply(shown(record, form.purpose))

    async def list(self, http: web.Request, caller: Caller) -> web.Response:
        records = await asyncio.to_thread(self._objects.list_records, caller.tenant, FileRecord)
        return reply({"object": "list", "data": [shown(record) for record in records], "has_more": False})

    async def get(self, http: web.Request, caller: Caller) -> web.Response:
        return reply(shown(await self._record(http, caller)))

    async def content(self, http: web.Request, caller: Caller) -> web.Response:
        """The bytes, never to be shown or run by a browser."""
        record = await self._record(http, caller)
        data = await self._files.get(record.uri, record.sha256, self._limit)
        headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
        return web.Response(body=data, content_type=record.media_type or "application/octet-stream", headers=headers)

    async def delete(self, http: web.Request, caller: Caller) -> web.Response:
        """Forget the record; the bytes may be another file's, too."""
        record = await self._record(http, caller)
        await asyncio.to_thread(self._objects.delete_record, caller.tenant, record.file_id)
        return reply({"id": record.file_id, "object": "file", "deleted": True})

    async def _record(self, http: web.Request, caller: Caller) -> FileRecord:
        file_id = http.match_info["id"]
        try:
            return await asyncio.to_thread(self._objects.get_record, caller.tenant, file_id, FileRecord)
        except NotFound as error:
            raise NotFound(f"there is no file {file_id!r}: see /v1/files for those there are", param="id") from error


def shown(record: FileRecord, purpose: str = "user_data") -> dict[str, Any]:
    """The OpenAI file object."""
    return {
        "id": record.file_id,
        "object": "file",
        "bytes": record.bytes,
        "created_at": int(record.time.timestamp()) if record.time else 0,
        "filename": record.name or record.file_id,
        "purpose": purpose,
        "status": "processed",
        "media_type": record.media_type,
        "sha256": record.sha256,
    }


class Form:
    """The fields of an upload as they are read."""

    def __init__(self) -> None:
        self.data = b""
        self.name = ""
        self.media_type: str | None = None
        self.purpose = "user_data"


async def read_form(http: web.Request, limit: int) -> Form:
    """The multipart form of an upload (RFC 7578), of at most ``limit`` bytes of file.

    Raises:
        UnsupportedType: no multipart form.
        TooLarge: the file is over the limit; nothing beyond it is read.
        InvalidField, InvalidRequest, InvalidUpload: a field is unknown, the form broken, the file missing or empty.
    """
    if http.content_type != "multipart/form-data":
        raise UnsupportedType("send the file as multipart/form-data with the fields 'file' and 'purpose'")
    check_length(http, http.client_max_size)
    try:
        async with asyncio.timeout(READ_S):
            form = await _parts(http, limit)
    except TimeoutError as error:
        raise too_slow() from error
    except (ValueError, BadHttpMessage) as error:
        raise InvalidRequest("the multipart form is broken: send it with a boundary, and whole") from error
    if not form.data:
        raise InvalidUpload("there is no file, or it is empty: send its bytes in the field 'file'", param="file")
    return form


async def _parts(http: web.Request, limit: int) -> Form:
    form = Form()
    async for part in await http.multipart():
        if not isinstance(part, BodyPartReader):
            raise InvalidRequest("a form within a form is not read: send 'file' and 'purpose'")
        if part.name not in ("file", "purpose"):
            raise InvalidField(f"{part.name}: there is no such field, send 'file' and 'purpose'", param=part.name)
        if part.name == "file":
            form.name = (part.filename or "")[:255]
            form.media_type = part.headers.get("Content-Type", "")[:128] or None
            form.data = await _read(part, limit)
        else:
            form.purpose = (await _read(part, 64)).decode(errors="replace")
            if form.purpose not in PURPOSES:
                raise InvalidField(f"purpose: one of {', '.join(PURPOSES)}", param="purpose")
    return form


async def _read(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(2**16):
        data += chunk
        if len(data) > limit:
            raise TooLarge(f"{part.name}: at most {limit} bytes", param=part.name)
    return bytes(data)
