"""Alerts as a process of their own, or within the control process."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from infra import logs
from infra.broker import KafkaPublisher, Publisher, ensure_topics
from infra.keys import master_key
from infra.metrics import Metrics
from infra.settings import Settings
from infra.topics import Names
from schemas.audit import Audit, Decision
from schemas.errors import InvalidField
from streams.alerts.agent import CLIENT, AlertAgent
from streams.alerts.channels.build import build_channels
from streams.alerts.channels.webhook import id_of
from streams.alerts.dispatch import Delivery, Dispatch
from streams.alerts.document import load_alerts
from streams.alerts.engine import OWN
from streams.audit.signing import Writer
from streams.outbox import Outbox
from streams.process import serving


async def run(settings: Settings) -> None:
    """Run until the task is cancelled.

    Raises:
        InvalidField: the settings name no alert document, or it is not sound.
        Unavailable: Kafka does not answer.
    """
    logs.configure(settings)
    if settings.alerts.file is None:
        raise InvalidField("there are no alerts to watch for: set HEADRACE_ALERTS__FILE")
    publisher = KafkaPublisher(settings.kafka, client_id=CLIENT)
    async with AsyncExitStack() as stack:
        await ensure_topics(settings)
        stack.push_async_callback(publisher.stop)
        await publisher.start()
        agents = await stack.enter_async_context(alerting(settings, publisher))
        await serving(settings, "alerts", Metrics(), agents)


@asynccontextmanager
async def alerting(settings: Settings, publisher: Publisher) -> AsyncIterator[list[AlertAgent]]:
    """The alert agent while it runs; none when the settings name no document."""
    if settings.alerts.file is None:
        yield []
        return
    document = load_alerts(settings.alerts.file)
    outbox = Outbox(publisher, Names(settings.kafka), "alerts", writer=Writer(master_key(settings)))
    channels = build_channels(document, settings.alerts)
    agent = AlertAgent(settings.kafka, document, Dispatch(channels, settings.alerts, audited(outbox)))
    try:
        await agent.start()
        yield [agent]
    finally:
        await agent.stop()


def audited(outbox: Outbox) -> Callable[[Delivery], Awaitable[None]]:
    """Says on the audit topic what became of each alert."""

    async def tell(delivery: Delivery) -> None:
        await outbox.audit(audit_of(delivery))

    return tell


def audit_of(delivery: Delivery) -> Audit:
    alert = delivery.alert
    detail = {
        "channel": delivery.channel,
        "attempts": delivery.attempts,
        "events": alert.count,
        "source": alert.source,
        "reason": delivery.reason[:200],
    }
    decision = Decision(stage="alert", outcome=delivery.outcome, code=alert.rule, detail=detail)
    return Audit(
        id=f"alert:{id_of(alert)}:{delivery.channel[:100]}",
        request_id=alert.request_id[:200] or alert.rule,
        actor="alerts",
        action=OWN,
        decisions=(decision,),
        status=delivery.outcome,
    )
