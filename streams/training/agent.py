"""Training: from a job on ``headrace.training`` to a registered adapter, or to the reason why not."""

import asyncio
import logging
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import orjson
from pydantic import ValidationError

from infra.broker import Record
from infra.objects import ObjectStore
from infra.reader import read_all
from infra.settings import Settings
from infra.topics import Names
from infra.vault.vault import Vault
from schemas.errors import HeadraceError, TrainingFailed
from schemas.feedback import Example
from schemas.registry import ModelVersion
from schemas.training import TrainingJob, TrainingProgress, TrainingResult
from schemas.work import AdapterPin
from streams.outbox import Outbox
from streams.registry import Registry
from workers.models.base import Base, load
from workers.models.gguf import load_unpacked
from workers.models.manifest import Manifest
from workers.models.store import fetch
from workers.training.job import Outcome, Phase, run

if TYPE_CHECKING:
    from concurrent.futures import Future

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """Handles one record of ``training``: jobs are run, anything else is news for others."""

    settings: Settings
    registry: Registry
    manifest: Manifest
    objects: ObjectStore
    outbox: Outbox
    vault: Vault | None = None

    async def __call__(self, record: Record) -> None:
        job = job_in(record)
        if job is None or await self._is_done(job):
            return
        log.info("training starts", extra={"job": job.id, "model": job.model})
        with tempfile.TemporaryDirectory(prefix="headrace-training-") as scratch:
            try:
                outcome = await self._train(job, Path(scratch))
                result = await self._conclude(job, outcome)
            except HeadraceError as error:
                if error.retriable:
                    raise
                result = ended(job, "failed", error.message, error=error.body())
        await self.outbox.training(result)

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None:
        """After the last attempt: the job has failed, and its result says why."""
        job = job_in(record)
        if job:
            reason = f"{error.message} (tried {attempts} times)"
            await self.outbox.training(ended(job, "failed", reason, error=error.body()))

    async def _is_done(self, job: TrainingJob) -> bool:
        """Whether the log has a result of this job: then this is a redelivery."""
        async for record in read_all(self.settings.kafka, [Names(self.settings.kafka)("training")]):
            with suppress(ValidationError):
                if TrainingResult.model_validate_json(record.value or b"").id == job.id:
                    return True
        return False

    async def _train(self, job: TrainingJob, scratch: Path) -> Outcome:
        entry = self.manifest.entry(job.model)
        if entry.engine not in ("transformers", "auto"):
            raise TrainingFailed(
                f"{job.model} runs on {entry.engine}: only models of the transformers engine, or of auto, are trained"
            )
        path = await asyncio.to_thread(fetch, entry, self.settings.state, None)
        examples = await self._examples(job)
        serving = await self._serving(job, scratch / "serving")
        tell = Telling(job, self.outbox, asyncio.get_running_loop())
        return await asyncio.to_thread(run, job, examples, lambda: _base(path), serving, tell, scratch / "adapter")

    async def _examples(self, job: TrainingJob) -> list[Example]:
        """The examples of the job's tenant; of several with one key, compaction or not, the dataset takes the last."""
        examples = []
        topics = [Names(self.settings.kafka)("examples")]
        async for record in read_all(self.settings.kafka, topics, vault=self.vault):
            if record.value is None:  # it was erased
                continue
            try:
                example = Example.model_validate_json(record.value or b"")
            except ValidationError:
                log.error("no example", extra={"source": str(record.source)})
                continue
            if example.tenant == job.tenant and example.model == job.model:
                examples.append(example)
        return examples

    async def _serving(self, job: TrainingJob, into: Path) -> Path | None:
        live = [v for v in self.registry.live_models(job.model) if v.tenant == job.tenant and v.adapter]
        if not live or live[-1].adapter is None:
            return None
        adapter = live[-1].adapter
        await asyncio.to_thread(self.objects.get_tree, adapter.uri, adapter.sha256, into)
        return into

    async def _conclude(self, job: TrainingJob, outcome: Outcome) -> TrainingResult:
        decision, data = outcome.decision, outcome.dataset
        facts = {"dataset": data.digest, "examples": len(data.train) + len(data.held_out), "metrics": decision.metrics}
        if outcome.adapter is None:
            return ended(job, "refused", decision.reason, **facts)
        uri, sha256 = await asyncio.to_thread(self.objects.put_tree, outcome.adapter)
        adapter = AdapterPin(name=job.model, version=sha256[:12], uri=uri, sha256=sha256)
        await self.outbox.model(
            ModelVersion(
                id=f"{job.model}:{adapter.version}",
                tenant=job.tenant,
                name=job.model,
                version=adapter.version,
                status="live",
                adapter=adapter,
                base=self.manifest.entry(job.model).version,
                job=job.id,
                reason=decision.reason,
                metrics=decision.metrics,
            )
        )
        return ended(job, "registered", decision.reason, version=adapter.version, adapter=adapter, **facts)


def _base(path: Path) -> Base:
    return load_unpacked(path) if path.suffix == ".gguf" else load(path)


class Telling:
    """Publishes the progress of a job that runs in a thread; at most one event a second, and each change of phase."""

    def __init__(self, job: TrainingJob, outbox: Outbox, loop: asyncio.AbstractEventLoop) -> None:
        self._job, self._outbox, self._loop = job, outbox, loop
        self._phase: Phase | None = None
        self._said = 0.0

    def __call__(self, phase: Phase, step: int, steps: int, loss: float | None = None) -> None:
        moment = self._loop.time()
        if phase == self._phase and moment - self._said < 1 and step < steps:
            return
        self._phase, self._said = phase, moment
        event = TrainingProgress(
            id=self._job.id,
            tenant=self._job.tenant,
            model=self._job.model,
            phase=phase,
            step=step,
            steps=steps,
            loss=loss,
        )
        said: Future[None] = asyncio.run_coroutine_threadsafe(self._outbox.training(event), self._loop)
        said.add_done_callback(_note)


def _note(said: "Future[None]") -> None:
    if not said.cancelled() and (error := said.exception()):
        log.warning("could not publish progress", extra={"error": repr(error)})


def job_in(record: Record) -> TrainingJob | None:
    """The job in a record of ``training``, if it is one."""
    try:
        body = orjson.loads(record.value or b"{}")
        return TrainingJob.model_validate(body) if body.get("kind", "job") == "job" else None
    except (orjson.JSONDecodeError, ValidationError, AttributeError):
        log.error("no training job", extra={"source": str(record.source)})
        return None


def ended(
    job: TrainingJob, outcome: Literal["registered", "refused", "failed"], reason: str, **facts: object
) -> TrainingResult:
    """How a job ended."""
    return TrainingResult.model_validate(
        {"id": job.id, "tenant": job.tenant, "model": job.model, "outcome": outcome, "reason": reason, **facts}
    )
