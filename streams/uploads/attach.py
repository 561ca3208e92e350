"""Pictures and files of a request: checked, stored, and from then on only referred to."""

import asyncio

from infra.objects import ObjectStore
from infra.settings import LimitSettings
from schemas.errors import InvalidField
from schemas.requests import FilePart, ImagePart
from schemas.work import Attachment
from streams.journey import Journey
from streams.uploads.checks import check_image, decode_data_url

MOST = 8


class Attach:
    """The stage that turns ``image_url`` and ``file`` parts into attachments."""

    def __init__(self, objects: ObjectStore, limits: LimitSettings) -> None:
        self._objects, self._limits = objects, limits

    async def __call__(self, journey: Journey) -> None:
        parts = journey.asked.attachments
        if len(parts) > MOST:
            raise InvalidField(f"{len(parts)} pictures and files in one request, {MOST} are allowed", param="messages")
        journey.attachments = tuple(
            [await asyncio.to_thread(self._attach, part, journey.tenant or "", f"{journey.id}:{number}")
             for number, part in enumerate(parts)]
        )  # fmt: skip
        if parts:
            journey.decide("upload", "attached", files=len(parts))

    def _attach(self, part: ImagePart | FilePart, tenant: str, name: str) -> Attachment:
        if isinstance(part, FilePart):
            return self._objects.get_record(tenant, part.file.file_id, Attachment)
        data, declared = decode_data_url(part.image_url.url, self._limits.upload_bytes)
        checked = check_image(data, declared, name, self._limits)
        uri, sha256 = self._objects.put(data)
        return Attachment(file_id=name, uri=uri, sha256=sha256, media_type=checked.media_type, bytes=len(data))
