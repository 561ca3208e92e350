"""Uploads: checked, kept in the object store, read by a vision worker; the answer is what was read."""

import asyncio
from typing import Any

from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault.kept import SealedFiles
from infra.vault.vault import Vault
from schemas.errors import ModelNotAvailable
from schemas.uploads import Upload
from schemas.work import Attachment, ModelPin, Work
from streams.admission.entry import Entry
from streams.journey import Journey
from streams.registry import Registry
from streams.routing.stage import cards
from streams.screening.pictures import Pictures
from streams.uploads.checks import check_image, decode_base64
from streams.uploads.shown import shown
from workers.models.manifest import Manifest
from workers.vision.port import Watcher


class UploadIntake:
    """The intake of ``uploads``."""

    def __init__(
        self,
        settings: Settings,
        registry: Registry,
        manifest: Manifest,
        entry: Entry,
        objects: ObjectStore,
        vault: Vault | None = None,
        *,
        pictures: Pictures,
        watcher: Watcher | None = None,
    ) -> None:
        self._settings, self._registry, self._manifest = settings, registry, manifest
        self._entry, self._objects, self._files = entry, objects, SealedFiles(objects, vault)
        self._pictures, self._watcher = pictures, watcher

    async def __call__(self, journey: Journey, body: dict[str, Any]) -> None:
        journey.kind = "upload"
        upload = await self._entry(journey, body, Upload, "files")
        if journey.dropped:
            return
        attachment = await self._keep(upload, journey)
        journey.attachments = (attachment,)
        journey.decide("upload", "stored", attachment.media_type, bytes=attachment.bytes, sha256=attachment.sha256)
        journey.candidates = (self._reader(journey),)
        journey.work = reading_work(journey)

    async def _keep(self, upload: Upload, journey: Journey) -> Attachment:
        limits = self._settings.limits
        if upload.stored:
            data = await self._files.get(upload.stored.uri, upload.stored.sha256, limits.upload_bytes)
        else:
            data = await asyncio.to_thread(decode_base64, upload.data or "", limits.upload_bytes)
        checked = await asyncio.to_thread(check_image, data, upload.media_type, upload.name, limits)
        found = await shown(self._watcher, checked.data)
        self._pictures(journey, found)
        uri, sha256 = await self._files.put(checked.data, journey.subject)
        attachment = Attachment(
            file_id=journey.id,
            uri=uri,
            sha256=sha256,
            media_type=checked.media_type,
            bytes=len(checked.data),
            name=upload.name,
            found=found,
        )
        await asyncio.to_thread(self._objects.put_record, str(upload.tenant), journey.id, attachment)
        return attachment

    def _reader(self, journey: Journey) -> ModelPin:
        name = self._registry.policy(journey.policy, journey.tenant).routing.vision
        card = cards(self._manifest, self._registry, journey.tenant).get(name or "")
        if card is None or (journey.local_only and not card.local):
            raise ModelNotAvailable("the file is kept, but the policy names no vision model that could read it")
        return card.pin(journey.id)


def reading_work(journey: Journey) -> Work:
    """The work of reading one upload."""
    first = journey.candidates[0]
    return Work(
        id=journey.id,
        tenant=journey.tenant,
        trace=journey.trace,
        kind="read",
        pool=first.pool,
        pins=journey.pins,
        model=first,
        attachments=journey.attachments,
    )
