"""Pictures and files of a request: checked, stored, and from then on only referred to."""

import asyncio

from infra.objects import ObjectStore
from infra.settings import LimitSettings
from infra.vault.kept import SealedFiles
from infra.vault.vault import Vault
from schemas.errors import InvalidField
from schemas.requests import FilePart, ImagePart
from schemas.work import Attachment
from streams.journey import Journey
from streams.uploads.checks import check_image, decode_data_url
from streams.uploads.shown import shown
from workers.vision.port import Watcher

MOST = 8


class Attach:
    """The stage that turns ``image_url`` and ``file`` parts into attachments."""

    def __init__(
        self,
        objects: ObjectStore,
        limits: LimitSettings,
        vault: Vault | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self._objects, self._limits, self._files = objects, limits, SealedFiles(objects, vault)
        self._watcher = watcher

    async def __call__(self, journey: Journey) -> None:
        parts = journey.asked.attachments
        if len(parts) > MOST:
            raise InvalidField(f"{len(parts)} pictures and files in one request, {MOST} are allowed", param="messages")
        journey.attachments = tuple([await self._attach(part, journey, number) for number, part in enumerate(parts)])
        if parts:
            journey.decide("upload", "attached", files=len(parts))

    async def _attach(self, part: ImagePart | FilePart, journey: Journey, number: int) -> Attachment:
        if isinstance(part, FilePart):
            record = self._objects.get_record
            return await asyncio.to_thread(record, journey.tenant or "", part.file.file_id, Attachment)
        name = f"{journey.id}:{number}"
        data, media_type = await asyncio.to_thread(self._decode, part, name)
        found = await shown(self._watcher, data)
        uri, sha256 = await self._files.put(data, journey.subject)
        return Attachment(file_id=name, uri=uri, sha256=sha256, media_type=media_type, bytes=len(data), found=found)

    def _decode(self, part: ImagePart, name: str) -> tuple[bytes, str]:
        """The picture in a part, checked and without metadata, and its type."""
        data, declared = decode_data_url(part.image_url.url, self._limits.upload_bytes)
        checked = check_image(data, declared, name, self._limits)
        return checked.data, checked.media_type
