"""Pictures against words: zero-shot classification, and vectors of pictures."""

from collections.abc import AsyncGenerator

from infra.objects import ObjectStore
from infra.settings import LimitSettings
from infra.vault.kept import SealedFiles
from infra.vault.vault import Vault
from schemas.errors import InvalidField
from schemas.results import Final
from schemas.work import Work
from streams.inference.runners import final
from workers.vision.port import Matcher


class Matching:
    """``classify`` says which label fits a picture best; ``embedding`` gives one vector for each picture."""

    slots = 1

    def __init__(
        self, matcher: Matcher, objects: ObjectStore, limits: LimitSettings, vault: Vault | None = None
    ) -> None:
        self._matcher, self._files, self._limits = matcher, SealedFiles(objects, vault), limits

    async def run(self, work: Work) -> AsyncGenerator[Final, None]:
        if not work.attachments:
            raise InvalidField(f"{work.model.name} looks at pictures: send one in 'messages'", param="messages")
        images = [
            await self._files.get(attachment.uri, attachment.sha256, self._limits.upload_bytes)
            for attachment in work.attachments
        ]
        if work.kind == "classify":
            scores = dict(zip(work.labels, await self._matcher.match(images[0], work.labels), strict=True))
            yield final(work, text=max(scores, key=scores.__getitem__), scores=scores)
        else:
            yield final(work, embeddings=tuple(map(tuple, await self._matcher.embed_images(images))))
