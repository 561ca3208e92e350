"""Composition: which agents there are, what they are made of, and in which order a record passes the stages."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Self

from infra.broker import KafkaPublisher, ensure_topics
from infra.keys import KeyRing, master_key
from infra.limits import Limiter
from infra.metrics import Metrics
from infra.objects import ObjectStore
from infra.policies import default_policy
from infra.redis import Store
from infra.settings import Settings
from infra.topics import Names
from infra.vault.build import build_vault
from infra.vault.vault import Vault
from streams.abuse.standing import Standings
from streams.admission.admit import Admission
from streams.admission.agent import Intake, WayIn
from streams.admission.claims import Claims
from streams.admission.entry import Entry
from streams.admission.identity import Identity
from streams.audit.agent import TOPICS, Watch
from streams.audit.records import Auditor
from streams.audit.signing import Writer
from streams.audit.spool import Spool
from streams.cache.stage import Recall
from streams.cache.store import AnswerCache
from streams.deadletter.box import DeadLetters
from streams.delivery import App, add_agent, guarded, new_app
from streams.erasure.agent import Eraser
from streams.erasure.footprint import Finder
from streams.erasure.news import forgetting
from streams.erasure.opened import Handling, Opened
from streams.erasure.purges import Purges
from streams.feedback.intake import FeedbackIntake
from streams.feedback.join import Join
from streams.feedback.trigger import Trigger
from streams.journey import JourneyStage
from streams.outbox import Outbox
from streams.redaction.numbers import Numbers
from streams.redaction.reading import ReadingDisguise
from streams.redaction.stage import Disguising
from streams.registry import Registry
from streams.release.agent import WayOut
from streams.release.answered import Answered
from streams.release.chunks import Streams
from streams.release.store import AnswerStore
from streams.routing.health import Health
from streams.routing.stage import RouteStage, dispatch
from streams.screening.build import build_screener
from streams.screening.pictures import Pictures
from streams.screening.reviews import Decisions
from streams.screening.screener import Screener
from streams.screening.stage import Screen
from streams.uploads.attach import Attach
from streams.uploads.intake import UploadIntake
from workers.models.manifest import Manifest
from workers.vision.port import Watcher
from workers.vision.safety import NudeNet

BUFFER = 256
REMEMBERED = 4096
"""Texts whose verdict is remembered."""


@dataclass(frozen=True)
class Parts:
    """What the control agents stand on; each can be replaced in a test."""

    names: Names
    publisher: KafkaPublisher
    store: Store
    objects: ObjectStore
    registry: Registry
    manifest: Manifest
    screener: Screener
    decisions: Decisions
    metrics: Metrics
    auditor: Auditor
    writer: Writer
    spool: Spool | None
    vault: Vault
    watcher: Watcher | None = None

    @classmethod
    def of(cls, settings: Settings, component: str) -> Self:
        """The real parts. Nothing is connected yet."""
        key = master_key(settings)
        publisher = KafkaPublisher(settings.kafka, client_id=f"headrace-{component}")
        spooled = settings.audit.on_failure == "spool" and component == "control"
        return cls(
            names=Names(settings.kafka),
            publisher=publisher,
            store=Store(settings),
            objects=ObjectStore(settings),
            registry=Registry(KeyRing(key), default_policy()),
            manifest=Manifest.load(settings.models_file),
            screener=build_screener(settings, REMEMBERED),
            decisions=Decisions(),
            metrics=Metrics(),
            auditor=Auditor(key),
            writer=Writer(key),
            spool=Spool(publisher, settings.state / "audit-spool", settings.audit.spool_bytes) if spooled else None,
            vault=build_vault(settings),
            watcher=NudeNet() if settings.screening.pictures and component == "control" else None,
        )

    @asynccontextmanager
    async def running(self, settings: Settings, component: str) -> AsyncIterator[None]:
        """Connected, with the topics there and the registry read to its end."""
        await ensure_topics(settings)
        followers = [self.registry.follower(settings, f"headrace-{component}")]
        if component == "control":
            followers.append(self.decisions.follower(settings, f"headrace-{component}"))
        if self.vault.active:
            followers.append(forgetting(settings, self.vault, f"headrace-{component}"))
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self.store.close)
            stack.push_async_callback(self.vault.close)
            await self.vault.check()
            if self.watcher:
                stack.push_async_callback(self.watcher.stop)
                await self.watcher.start()
            stack.push_async_callback(self.publisher.stop)
            await self.publisher.start()
            if self.spool:
                stack.push_async_callback(self.spool.stop)
                self.spool.start()
            for follower in followers:
                stack.push_async_callback(follower.stop)
                await follower.start()
                await follower.caught_up()
            yield


def create_app(settings: Settings, parts: Parts) -> list[App]:
    """The control agents, each in an app of its own so that none waits for another: in, out, and what they watch."""
    shared = Shared.of(settings, parts)
    answered = Answered(settings, shared.answers, parts.vault)
    release = way_out(parts, shared, answered)
    watch = Watch(parts.names, shared.outbox, parts.auditor, shared.dead_letters, parts.registry.outcome)

    def app(group: str, handler: Handling, topics: list[str], *, in_flight: int) -> App:
        made = new_app(settings, f"control-{group}", buffer=BUFFER)
        opened = Opened(handler, parts.vault)
        handle = guarded(opened, opened.give_up, settings.limits, parts.metrics, group)
        add_agent(made, topics, handle, in_flight=in_flight)
        return made

    names, in_flight = parts.names, settings.limits.in_flight
    bound = [names(f"requests.{tenant}") for tenant in settings.tenant_topics]
    out = app("out", release, [names("results")], in_flight=in_flight)
    out.on_partitions_revoked.connect(lambda *_, **__: answered.stale())
    return [
        app("in", requests_in(settings, parts, shared), [names("requests"), *bound], in_flight=in_flight),
        out,
        app("uploads", uploads_in(settings, parts, shared), [names("uploads")], in_flight=4),
        app("feedback", feedback_in(settings, parts, shared), [names("feedback")], in_flight=4),
        app("erasures", eraser(settings, parts, shared), [names("erasures")], in_flight=1),
        app("watch", watch, [names(topic) for topic in TOPICS], in_flight=4),
    ]


@dataclass(frozen=True)
class Shared:
    """What several agents of one process use together."""

    outbox: Outbox
    dead_letters: DeadLetters
    identity: Identity
    entry: Entry
    limiter: Limiter
    standings: Standings
    cache: AnswerCache
    answers: AnswerStore
    health: Health

    @classmethod
    def of(cls, settings: Settings, parts: Parts) -> Self:
        outbox = Outbox(parts.publisher, parts.names, "control", parts.vault, parts.writer, parts.spool)
        identity = Identity(settings, parts.registry.keys)
        return cls(
            outbox=outbox,
            dead_letters=DeadLetters(outbox, parts.metrics),
            identity=identity,
            entry=Entry(identity, Claims(parts.store), parts.vault, parts.decisions.released),
            limiter=Limiter(parts.store, settings.limits),
            standings=Standings(parts.store, settings.abuse),
            cache=AnswerCache(parts.store, settings.cache, parts.vault),
            answers=AnswerStore(parts.store, settings.cache, parts.vault),
            health=Health(time.monotonic),
        )


def requests_in(settings: Settings, parts: Parts, shared: Shared) -> WayIn:
    """The way of a request: admit, attach, screen, route, disguise for a remote model, recall from the cache,
    dispatch."""
    disguising = Disguising(parts.screener, parts.registry, Numbers(parts.store), parts.vault)
    return way_in(
        settings,
        parts,
        shared,
        Admission(settings, parts.registry, shared.entry, shared.limiter, shared.standings),
        Attach(parts.objects, settings.limits, parts.vault, parts.watcher),
        Screen(parts.screener, parts.registry, parts.metrics, parts.decisions),
        disguising.prepare,
        RouteStage(parts.registry, parts.manifest, shared.health),
        disguising.put_on,
        Recall(shared.cache, parts.metrics),
        dispatch,
    )


def uploads_in(settings: Settings, parts: Parts, shared: Shared) -> WayIn:
    intake = UploadIntake(
        settings,
        parts.registry,
        parts.manifest,
        shared.entry,
        parts.objects,
        parts.vault,
        pictures=Pictures(parts.screener, parts.registry, parts.decisions),
        watcher=parts.watcher,
    )
    return way_in(settings, parts, shared, intake)


def feedback_in(settings: Settings, parts: Parts, shared: Shared) -> WayIn:
    join = Join(settings.kafka, shared.answers.get, parts.vault)
    trigger = Trigger(parts.store, settings.training, shared.outbox)
    intake = FeedbackIntake(shared.entry, join, parts.registry, parts.screener, shared.outbox, trigger)
    return way_in(settings, parts, shared, intake)


def eraser(settings: Settings, parts: Parts, shared: Shared) -> Eraser:
    return Eraser(
        kafka=settings.kafka,
        vault=parts.vault,
        find=Finder(settings, parts.registry.keys, parts.vault),
        purges=Purges(settings, parts.vault, parts.store, parts.objects, shared.outbox),
        outbox=shared.outbox,
        auditor=parts.auditor,
        dead_letters=shared.dead_letters,
    )


def way_in(settings: Settings, parts: Parts, shared: Shared, intake: Intake, *stages: JourneyStage) -> WayIn:
    return WayIn(
        settings=settings,
        registry=parts.registry,
        rules=parts.screener.rules,
        identity=shared.identity,
        intake=intake,
        stages=stages,
        outbox=shared.outbox,
        auditor=parts.auditor,
        dead_letters=shared.dead_letters,
        metrics=parts.metrics,
        vault=parts.vault,
        standings=shared.standings,
    )


def way_out(parts: Parts, shared: Shared, answered: Answered) -> WayOut:
    return WayOut(
        registry=parts.registry,
        screener=parts.screener,
        answered=answered,
        streams=Streams(parts.registry, parts.screener),
        store=shared.answers,
        cache=shared.cache,
        limiter=shared.limiter,
        health=shared.health,
        outbox=shared.outbox,
        auditor=parts.auditor,
        dead_letters=shared.dead_letters,
        metrics=parts.metrics,
        decisions=parts.decisions,
        reading=ReadingDisguise(parts.screener, Numbers(parts.store), parts.vault),
        vault=parts.vault,
    )
