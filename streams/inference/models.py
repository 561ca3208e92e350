"""The models of one worker: loaded when first needed or ahead of that, and kept."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from infra.metrics import Metrics
from infra.objects import ObjectStore
from infra.settings import Settings
from infra.vault.vault import Vault
from schemas.errors import ModelNotAvailable
from schemas.work import AdapterPin, Work
from streams.inference.agent import Runner
from streams.inference.runners import Embedding, Generating
from streams.inference.scoring import Classifying, Reranking
from workers.engines.build import build, needs_files
from workers.engines.port import Engine
from workers.engines.supervised import Supervised
from workers.models.manifest import (
    ClassifierEntry,
    ClipEntry,
    EmbeddingEntry,
    HashEmbeddingEntry,
    Manifest,
    ModelEntry,
    OcrEntry,
    RerankerEntry,
)
from workers.models.store import fetch
from workers.retrieval.build import build_classifier, build_embedder, build_reranker

log = logging.getLogger(__name__)
WARM_UP = "Hello, 你好"


class Part(Protocol):
    """What a model runs on."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


P = TypeVar("P", bound=Part)


class LoadedModels:
    """The runners of a worker's pools (a ``Runners``)."""

    def __init__(
        self,
        settings: Settings,
        manifest: Manifest,
        pools: Sequence[str],
        objects: ObjectStore,
        metrics: Metrics,
        vault: Vault | None = None,
    ) -> None:
        self._settings, self._objects, self._metrics, self._vault = settings, objects, metrics, vault
        self._entries = {entry.name: entry for entry in manifest.models if entry.pool in pools}
        self._runners: dict[str, Runner] = {}
        self._supervised: list[Supervised] = []
        self._loading = asyncio.Lock()
        self._stopping = AsyncExitStack()

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    @property
    def ready(self) -> bool:
        """Whether all of them are loaded, warm and well."""
        return len(self._runners) == len(self._entries) and all(engine.ready for engine in self._supervised)

    def slots(self, pool: str) -> int:
        """How much work of a pool runs here at once, of the models that are loaded."""
        return sum(runner.slots for name, runner in self._runners.items() if self._entries[name].pool == pool)

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
        if name in self._runners:
            return self._runners[name]
        async with self._loading:
            if name not in self._runners:
                since = time.monotonic()
                self._runners[name] = await self._load(self._entries[name])
                loaded = f"{len(self._runners)} of {len(self._entries)}"
                seconds = round(time.monotonic() - since, 1)
                log.info("a model is ready", extra={"model": name, "seconds": seconds, "ready": loaded})
            return self._runners[name]

    async def stop(self) -> None:
        """Free all models, the last loaded first."""
        self._runners.clear()
        self._supervised.clear()
        await self._stopping.aclose()

    async def _load(self, entry: ModelEntry) -> Runner:
        log.info("loading a model", extra={"model": entry.name})
        path = await asyncio.to_thread(fetch, entry, self._settings.state) if needs_files(entry) else None
        limits = self._settings.limits
        match entry:
            case OcrEntry():
                from streams.inference.reading import ReadingPictures
                from workers.vision.ocr import RapidReader

                return ReadingPictures(await self._begin(RapidReader()), self._objects, limits, self._vault)
            case ClipEntry():
                from streams.inference.matching import Matching
                from workers.vision.clip import ClipMatcher

                return Matching(await self._begin(ClipMatcher(path)), self._objects, limits, self._vault)
            case EmbeddingEntry() | HashEmbeddingEntry():
                embedder = await self._begin(build_embedder(entry, path, self._settings.state))
                await embedder.embed([WARM_UP])
                return Embedding(embedder)
            case RerankerEntry():
                reranker = await self._begin(build_reranker(entry, path, self._settings.state))
                await reranker.rerank(WARM_UP, [WARM_UP])
                return Reranking(reranker)
            case ClassifierEntry():
                classifier = await self._begin(build_classifier(entry, path, self._settings.state))
                await classifier.classify([WARM_UP])
                return Classifying(classifier)
        return Generating(await self._engine(entry, path), self._metrics)

    async def _engine(self, entry: ModelEntry, path: Path | None) -> Engine:
        """The engine of a model, started; one that runs in this process is watched and started again."""
        make = partial(build, entry, path, self._adapter, self._watched)
        if not needs_files(entry):
            return await self._begin(make())
        watched = await self._begin(self._watched(entry.name, make))
        self._supervised.append(watched)
        return watched

    def _watched(self, name: str, make: Callable[[], Engine]) -> Supervised:
        return Supervised(name, make, self._settings.worker, restarted=self._metrics.restarted)

    async def _begin(self, part: P) -> P:
        """Start what is stopped with the worker."""
        await part.start()
        self._stopping.push_async_callback(part.stop)
        return part

    def _adapter(self, pin: AdapterPin) -> Path:
        """The directory of an adapter, fetched from the object store once and verified."""
        into = self._settings.state / "adapters" / pin.sha256
        if not into.exists():
            self._objects.get_tree(pin.uri, pin.sha256, into)
        return into
