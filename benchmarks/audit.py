"""What the audit log costs, and how fast it is grown, checked and proved: beside no audit, and beside kafka-python."""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from confluent_kafka import Producer

from benchmarks.ground import Contender, Ground, Running, ground, trial
from benchmarks.headrace import Headrace
from benchmarks.load import Making, Question, closed
from benchmarks.overhead import MODELS
from benchmarks.processes import Cost
from benchmarks.report import Aim, Report
from benchmarks.samples import Sample, Samples, ratio, turns
from infra.keys import KeyRing, master_key
from infra.settings import Settings
from infra.topics import Names
from infra.vault.build import build_vault
from schemas.audit import Audit, Decision
from schemas.base import Source, now
from schemas.cloudevents import encode
from streams.audit.folders import LocalFolder
from streams.audit.live import LiveLog
from streams.audit.notary import Notary, Rhythm
from streams.audit.signing import SigningKeys, Writer
from streams.audit.tiles import Kept, Tiles
from streams.audit.tree import consistency_proof, inclusion_proof
from streams.audit.verifier.log import Check
from streams.audit.verifier.notes import Head
from streams.audit.verifier.proofs import check_inclusion, leaf_hash
from streams.erasure.footprint import Finder

FULL, SPOOLED, NO_HEADS, NONE = "audit and heads", "audit and heads, spooled", "audit without heads", "no audit"
UNDER_WAY = 16
CASE, TREE, READ, PROOF, ERASURE = f"{UNDER_WAY} at once", "growing the tree", "reading", "proofs", "erasure"
OURS, THEIRS = "verify", "kafka-python, merely reading"
WARM_S = 6.0  # the agent that signs has read what there was by then


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--records", type=int, default=150_000, help="on the log that is read")
    parser.add_argument("--erased-from", type=int, default=1_000_000, help="records of the audit that an erasure reads")
    parser.add_argument("--leaves", type=int, default=1_000_000, help="in the tree that proofs are made from")


async def run(given: argparse.Namespace) -> Report:
    size = {
        "rounds": given.rounds,
        "seconds a case": given.seconds,
        "records": given.records,
        "leaves": given.leaves,
        "erased from": given.erased_from,
    }
    report = Report("audit", size)
    await asyncio.to_thread(trees, report.samples, given.rounds, given.leaves)
    async with ground(MODELS) as made:
        present = await trial(contenders(made), report.absent)
        for number, contender in turns(present, given.rounds):
            await measure(contender, number, report.samples, given.seconds)
    async with ground(MODELS) as made:  # another log: what is read here would be signed by those above
        await asyncio.to_thread(reading, made.settings, report.samples, given.rounds, given.records)
        await erasing(made.settings, report.samples, given.rounds, given.records, given.erased_from)
    report.aims = aims(report.samples)
    return report


@dataclass(frozen=True)
class Audited(Headrace):
    """The platform with heads (failing closed, or spooling), without heads, or with no audit at all."""

    def start(self, name: str) -> None:
        if self.name == NONE and name.startswith("control"):
            self.ground.run(name, [sys.executable, "-m", "benchmarks.runtimes.unaudited"], self.ground.environment)
        else:
            self.ground.start(name)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        self.ground.extra["HEADRACE_AUDIT__CHECKPOINTS"] = str(self.name in (FULL, SPOOLED)).lower()
        self.ground.extra["HEADRACE_AUDIT__ON_FAILURE"] = "spool" if self.name == SPOOLED else "close"
        async with super().running() as running:
            yield running


def contenders(made: Ground) -> list[Contender]:
    return [Audited(name, made, "kafka") for name in (FULL, SPOOLED, NO_HEADS, NONE)]


async def measure(contender: Contender, number: int, samples: Samples, seconds: float) -> None:
    name = f"{contender.name}-{number}".replace(",", "").replace(" ", "-")
    async with contender.running() as running:
        await closed(running.ask, making(), f"warm-{name}", UNDER_WAY, WARM_S)
        cost = Cost(running.processes)
        load = await closed(running.ask, making(), name, UNDER_WAY, seconds)
        samples.append(
            Sample(
                number, contender.name, CASE, {**load.values(), **cost.per_request(len(load.answers))}, load.detail()
            )
        )


def making() -> Making:
    turn = count()
    return lambda name: Question(f"echo-{name}", f"Question {next(turn)} of {name}? 你好吗", "echo")


def trees(samples: Samples, rounds: int, leaves: int) -> None:
    """Appends a second, hashing of records included; then the size and time of proofs."""
    record = audit(0)
    for number in range(rounds):
        with TemporaryDirectory() as folder:
            tiles, notary = Tiles(LocalFolder(Path(folder))), leaves // 4
            with timed() as took:
                for _ in range(notary):
                    tiles.append(leaf_hash(record))
            samples.append(Sample(number, "tree", TREE, {"appends_per_s": notary / took[0]}))
    with TemporaryDirectory() as folder:
        for size in (1000, 10_000, 100_000, leaves):
            kept = grown(Path(folder) / str(size), size)
            for number in range(rounds):
                samples.append(Sample(number, f"{size} records", PROOF, proofs(kept, number)))


def grown(folder: Path, size: int) -> Kept:
    tiles = Tiles(LocalFolder(folder))
    for number in range(size):
        tiles.append(leaf_hash(b"%d" % number))
    tiles.flush()
    return Kept(LocalFolder(folder), size)


def proofs(kept: Kept, number: int) -> dict[str, float]:
    """From the files, nothing held in memory from before."""
    fresh, size, index = Kept(kept.folder, kept.size), kept.size, (number + 1) * kept.size // 7
    with timed() as took:
        proof = inclusion_proof(index, size, fresh.subtree)
    with timed() as checked:
        check_inclusion(leaf_hash(b"%d" % index), index, size, proof, kept.root() or b"")
    consistency = consistency_proof(size // 3, size, fresh.subtree)
    return {
        "hashes": len(proof),
        "proof_ms": took[0] * 1000,
        "check_ms": checked[0] * 1000,
        "consistency_hashes": len(consistency),
    }


def reading(settings: Settings, samples: Samples, rounds: int, records: int) -> None:
    """One partition of a real log, with heads: checked by us, and merely read by kafka-python. One core each."""
    log, heads, stored = filled(settings, records)
    for number in range(rounds):
        for name in (OURS, THEIRS) if number % 2 else (THEIRS, OURS):
            busy = time.process_time()
            with timed() as took:
                seen = verified(log, heads, records) if name == OURS else merely_read(settings, log.topic, records)
            if seen != records:
                raise RuntimeError(f"{name} saw {seen} of {records} records")
            busy = time.process_time() - busy
            values = {
                "records_per_s": records / took[0],
                "records_per_cpu_s": records / busy,
                "bytes_per_record": stored,
            }
            samples.append(Sample(number, name, READ, values))


def filled(settings: Settings, records: int) -> tuple[LiveLog, list[Head], float]:
    """Partition 0 of the audit topic with so many records, the heads of them, and the bytes of one with its share of
    heads and hashes."""
    log, writer = LiveLog(settings.kafka), Writer(master_key(settings))
    producer = Producer({"bootstrap.servers": settings.kafka.servers, "linger.ms": 20, "enable.idempotence": True})
    folder = settings.state / "bench"
    keys = SigningKeys(folder / "keys")
    keys.begin()
    rhythm = Rhythm(1000, timedelta(hours=1), timedelta(hours=1))
    notary = Notary(
        f"headrace/{keys.log}/{log.topic}/0", log.topic_id(), Tiles(LocalFolder(folder)), None, writer, rhythm
    )
    heads, size = list[Head](), 0
    for number in range(records):
        value = audit(number)
        signature = writer.header(value)
        producer.produce(log.topic, value, partition=0, headers=[signature])
        producer.poll(0)
        notary.tiles.append(leaf_hash(value))
        size += len(value) + len(signature[0]) + len(signature[1])
        if notary.size % 1000 == 0:
            signed = notary.sign(keys.all(), now())
            notary.published(signed)
            heads.append(signed.head)
            size += len(signed.note) + 32 * len(signed.frontier)
    producer.flush()
    hashes = sum(path.stat().st_size for path in folder.rglob("tile/**/*") if path.is_file())
    return log, heads, (size + hashes) / records


async def erasing(settings: Settings, samples: Samples, rounds: int, there: int, records: int) -> None:
    """Where a subject left traces among so many audit records, and the end of its key; another subject each time."""
    producer = Producer({"bootstrap.servers": settings.kafka.servers, "linger.ms": 20})
    topic = Names(settings.kafka)("audit")
    for number in range(there, records):
        producer.produce(topic, audit(number), partition=1)
        producer.poll(0)
    await asyncio.to_thread(producer.flush)
    vault = build_vault(settings)
    for number in range(rounds):
        subject = await vault.subject("acme", f"alice-{number}")
        with timed() as took:
            await Finder(settings, KeyRing(master_key(settings)), vault)(subject)
            await vault.erase(subject)
        samples.append(Sample(number, "erase", ERASURE, {"seconds": took[0], "records_per_s": records / took[0]}))
    await vault.close()


def verified(log: LiveLog, heads: list[Head], records: int) -> int:
    check = Check(heads)
    for batch in log.entries(0, 0, records, signatures=False):
        damage = list(check.see(batch))
        if damage:
            raise RuntimeError(str(damage[0]))
    return check.signed


def merely_read(settings: Settings, topic: str, records: int) -> int:
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(bootstrap_servers=settings.kafka.servers, consumer_timeout_ms=10_000)
    consumer.assign([TopicPartition(topic, 0)])
    consumer.seek(TopicPartition(topic, 0), 0)
    seen = 0
    for _ in consumer:
        seen += 1
        if seen == records:
            break
    consumer.close()
    return seen


def audit(number: int) -> bytes:
    """A record as the way in says it."""
    decisions = tuple(
        Decision(stage=stage, outcome="pass", code="ok") for stage in ("admission", "screening", "routing")
    )
    record = Audit(
        id=f"in:headrace.requests:0:{number}",
        tenant="acme",
        request_id=f"request-{number}",
        actor="key-1",
        action="admission",
        decisions=decisions,
        versions={"policy": "default@1", "rules": "12", "prompt": None, "model": "echo"},
        source=Source(topic="headrace.requests", partition=0, offset=number),
        content="0" * 64,
        status="admitted",
    )
    return encode(record, source="bench")[0]


@contextmanager
def timed() -> Iterator[list[float]]:
    took, began = [0.0], time.perf_counter()
    yield took
    took[0] = time.perf_counter() - began


def added(samples: Samples, one: str, other: str) -> float | None:
    """Control's CPU a request beside another's, in the middle of the rounds. The worker does the same in all of them:
    what it takes says how fast the machine was just then, which on a shared one changes by half."""

    def measured(name: str) -> list[float]:
        parts = (samples.of(name, CASE, part) for part in ("control_us", "worker_us"))
        return [control / worker for control, worker in zip(*parts, strict=True)]

    ratios = [with_it / without for with_it, without in zip(measured(one), measured(other), strict=True)]
    return median(ratios) if ratios else None


def aims(samples: Samples) -> list[Aim]:
    read, theirs = (samples.median(name, READ, "records_per_s") for name in (OURS, THEIRS))
    last = [each.contender for each in samples if each.case == PROOF][-1]
    checked, grown_ = samples.median(OURS, READ, "records_per_cpu_s"), samples.median("tree", TREE, "appends_per_s")
    return [
        Aim.at_most("control's CPU a request, times that without audit and heads", 1.1, added(samples, FULL, NONE)),
        Aim.at_most("the same when audit records may be spooled", 1.1, added(samples, SPOOLED, NONE)),
        Aim.at_least("appends to the tree a second", 200_000, grown_),
        Aim.at_least("records a second that verify checks on a core", 100_000, checked),
        Aim.at_least("records a second, times kafka-python merely reading", 3, ratio(read, theirs)),
        Aim.at_most("hashes of a proof at the largest tree", 20, samples.median(last, PROOF, "hashes")),
    ]
