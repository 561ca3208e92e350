"""The models of one worker: loaded when first needed or ahead of that, and kept."""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from infra.metrics import Metrics
from infra.objects import ObjectStore
from infra.settings import Settings
from schemas.errors import ModelNotAvailable
from schemas.work import AdapterPin, Work
from streams.inference.agent import Runner
from streams.inference.runners import Embedding, Generating
from workers.engines.build import build, build_embedder, needs_files
from workers.models.manifest import ClipEntry, EmbeddingEntry, HashEmbeddingEntry, Manifest, ModelEntry, OcrEntry
from workers.models.store import fetch

log = logging.getLogger(__name__)


class LoadedModels:
    """The runners of a worker's pools (a ``Runners``)."""

    def __init__(
        self, settings: Settings, manifest: Manifest, pools: Sequence[str], objects: ObjectStore, metrics: Metrics
    ) -> None:
        self._settings, self._objects, self._metrics = settings, objects, metrics
        self._entries = {entry.name: entry for entry in manifest.models if entry.pool in pools}
        self._runners: dict[str, Runner] = {}
        self._loading = asyncio.Lock()

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    async def get(self, work: Work) -> Runner:
        """The runner of the pinned model at the pinned version.

        Raises:
            ModelNotAvailable: this worker does not have it.
        """
        entry = self._entries.get(work.model.name)
        if entry is None or entry.version != work.model.version:
            raise ModelNotAvailable(f"this worker does not run {work.model}: does its manifest differ?")
        return await self.load(entry.name)

    async def load(self, name: str) -> Runner:
        """Load one model, if it is not there yet."""
        async with self._loading:
            if name not in self._runners:
                self._runners[name] = await self._load(self._entries[name])
            return self._runners[name]

    async def _load(self, entry: ModelEntry) -> Runner:
        log.info("loading a model", extra={"model": entry.name})
        path = await asyncio.to_thread(fetch, entry, self._settings.state) if needs_files(entry) else None
        limits = self._settings.limits
        match entry:
            case OcrEntry():
                from streams.inference.reading import ReadingPictures
                from workers.vision.ocr import RapidReader

                reader = RapidReader()
                await reader.start()
                return ReadingPictures(reader, self._objects, limits)
            case ClipEntry():
                from streams.inference.matching import Matching
                from workers.vision.clip import ClipMatcher

                matcher = ClipMatcher(path)
                await matcher.start()
                return Matching(matcher, self._objects, limits)
            case EmbeddingEntry() | HashEmbeddingEntry():
                embedder = build_embedder(entry, path)
                await embedder.start()
                return Embedding(embedder)
        engine = build(entry, path, self._adapter)
        await engine.start()
        return Generating(engine, self._metrics)

    def _adapter(self, pin: AdapterPin) -> Path:
        """The directory of an adapter, fetched from the object store once and verified."""
        into = self._settings.state / "adapters" / pin.sha256
        if not into.exists():
            self._objects.get_tree(pin.uri, pin.sha256, into)
        return into
