"""``make learn-smoke``: forty corrections in, an adapter out and served, and one made worse on purpose refused.

Real model, real training, real topics. The last line is JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import orjson

from infra.broker import KafkaPublisher, Record, ensure_topics
from infra.reader import Follower
from infra.topics import Names
from schemas.responses import Response
from schemas.training import TrainingJob, TrainingResult, TrainingSettings
from tests.cluster import Cluster
from tests.learning import corrections
from tests.waiting import until
from workers.models.manifest import SHIPPED

MODEL = "smollm2-135m"
T = TypeVar("T")
WORSE = TrainingSettings(learning_rate=0.05, epochs=1)


class Learner:
    """A client that asks, corrects and has a model trained, all over Kafka."""

    def __init__(self, cluster: Cluster) -> None:
        self.kafka = cluster.settings.kafka
        self.names = Names(self.kafka)
        self.publisher = KafkaPublisher(self.kafka, client_id="learn")
        self.responses: dict[str, Response] = {}
        self.results: dict[str, TrainingResult] = {}
        topics = [self.names("responses"), self.names("training")]
        self.follower = Follower(self.kafka, topics, self._apply, since="earliest", client_id="learn")

    def _apply(self, record: Record) -> None:
        body = orjson.loads(record.value or b"{}")
        if record.topic == self.names("responses"):
            self.responses[body["id"]] = Response.model_validate(body)
        elif body.get("kind") == "result":
            self.results[body["id"]] = TrainingResult.model_validate(body)
        elif body.get("kind") == "progress":
            say(f"  {body['phase']} {body['step']}/{body['steps']} loss {body.get('loss')}")

    async def say(self, topic: str, key: str, body: dict[str, Any]) -> None:
        await self.publisher.publish(self.names(topic), orjson.dumps(body), key=key)

    async def ask(self, name: str, prompt: str) -> Response:
        messages = [{"role": "user", "content": prompt}]
        await self.say("requests", name, {"id": name, "model": MODEL, "messages": messages, "max_tokens": 24})
        return await awaited(self.responses, name, 300)

    async def correct(self, pairs: Sequence[tuple[str, str]]) -> None:
        for number, (prompt, better) in enumerate(pairs):
            await self.ask(f"q{number}", prompt)
            await self.say(
                "feedback", f"q{number}", {"id": f"f{number}", "request_id": f"q{number}", "correction": better}
            )
        for number in range(len(pairs)):
            answer = await awaited(self.responses, f"f{number}", 60)
            if answer.status != "completed":
                raise RuntimeError(f"feedback {number} was not taken: {answer.error}")

    async def train(self, name: str, settings: TrainingSettings) -> TrainingResult:
        job = TrainingJob(id=name, tenant="local", model=MODEL, settings=settings, requested_by="learn-smoke")
        await self.publisher.publish(self.names("training"), job.model_dump_json().encode(), key=name)
        return await awaited(self.results, name, 1200)


async def awaited(where: dict[str, T], name: str, seconds: float) -> T:
    await until(lambda: name in where, seconds)
    return where[name]


async def learn(cluster: Cluster) -> dict[str, Any]:
    await ensure_topics(cluster.settings)
    for name in ("control-0", "text-0", "training-0"):
        cluster.start(name)
    learner = Learner(cluster)
    await learner.publisher.start()
    await learner.follower.start()
    try:
        return await _lesson(learner)
    finally:
        await learner.follower.stop()
        await learner.publisher.stop()


async def _lesson(learner: Learner) -> dict[str, Any]:
    pairs = corrections()
    before = await learner.ask("before", pairs[0][0])
    say(f"before: {before.text!r} by {before.versions.model}")
    await learner.correct(pairs)
    say(f"{len(pairs)} corrections are in; training")
    began = time.monotonic()
    good = await learner.train("good", TrainingSettings())
    say(f"{good.outcome}: {good.reason}")
    took = round(time.monotonic() - began)
    await asyncio.sleep(2)
    after = await learner.ask("after", pairs[0][0])
    say(f"after: {after.text!r} by {after.versions.model} with adapter {after.versions.adapter}")
    worse = await learner.train("worse", WORSE)
    say(f"{worse.outcome}: {worse.reason}")
    still = await learner.ask("still", pairs[1][0])
    served = f"{MODEL}@{good.version}"
    return {
        "corrections": len(pairs),
        "registered": good.outcome == "registered",
        "served": after.versions.adapter == still.versions.adapter == served and after.text != before.text,
        "worse_refused": worse.outcome == "refused",
        "held_out": {name: round(value, 3) for name, value in good.metrics.items()},
        "training_s": took,
    }


def say(line: str) -> None:
    print(line, flush=True)


def main() -> int:
    with TemporaryDirectory(prefix="headrace-learn-") as directory:
        cluster = Cluster.at(Path(directory), SHIPPED)
        try:
            cluster.kafka.start()
            cluster.valkey.start()
            report = asyncio.run(learn(cluster))
        finally:
            cluster.stop()
    print(json.dumps(report))
    return 0 if report["registered"] and report["served"] and report["worse_refused"] else 1


if __name__ == "__main__":
    sys.exit(main())
