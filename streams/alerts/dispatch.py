"""Sending alerts: a queue and a sender for each channel, so that one that is slow or away holds up no other."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from infra.settings import AlertSettings
from streams.alerts.channels.port import Channel, NotDelivered
from streams.alerts.engine import Alert

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Delivery:
    """What became of an alert on one channel: ``delivered``, ``gave up``, or ``overflow``, when too many waited."""

    alert: Alert
    channel: str
    outcome: str
    attempts: int
    reason: str = ""


Tell = Callable[[Delivery], Awaitable[None]]
Done = Callable[[], None]


class Dispatch:
    """``tell`` hears what became of each alert, before its ``done`` is called."""

    def __init__(self, channels: Mapping[str, Channel], settings: AlertSettings, tell: Tell) -> None:
        self._channels, self._settings, self._tell = channels, settings, tell
        self._queues: dict[str, asyncio.Queue[tuple[Alert, Done]]] = {
            name: asyncio.Queue(settings.waiting) for name in channels
        }
        self._overflows: dict[str, int] = dict.fromkeys(channels, 0)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._run(name), name=f"alerts to {name}") for name in self._channels]

    async def stop(self) -> None:
        """What was not sent is not done: its record is read again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for channel in self._channels.values():
            await channel.close()

    def put(self, alert: Alert, done: Done) -> None:
        """Queue an alert on its channels, without waiting. ``done`` is called once, when the last is through."""
        left = len(alert.channels)

        def one_done() -> None:
            nonlocal left
            left -= 1
            if not left:
                done()

        for name in alert.channels:
            try:
                self._queues[name].put_nowait((alert, one_done))
            except asyncio.QueueFull:
                self._overflows[name] += 1
                one_done()

    async def _run(self, name: str) -> None:
        while True:
            alert, done = await self._queues[name].get()
            await self._tell(await self._deliver(name, alert))
            done()
            if lost := self._overflows[name]:
                self._overflows[name] = 0
                await self._tell(Delivery(alert, name, "overflow", 0, f"{lost} alerts were not sent: too many waited"))

    async def _deliver(self, name: str, alert: Alert) -> Delivery:
        settings = self._settings
        for attempt in range(1, settings.attempts + 1):
            try:
                await self._channels[name].send(alert)
            except NotDelivered as error:
                log.warning("an alert was not delivered", extra={"channel": name, "reason": str(error)})
                if not error.again or attempt == settings.attempts:
                    return Delivery(alert, name, "gave up", attempt, str(error))
                await asyncio.sleep(min(settings.retry_base_s * 2 ** (attempt - 1), settings.retry_max_s))
            else:
                return Delivery(alert, name, "delivered", attempt)
        raise AssertionError("attempts is at least 1")
