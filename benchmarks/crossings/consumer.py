"""A Faust app that commits no offset past one in flight (faust-streaming issue 606), and is stock in all else."""

from collections import defaultdict
from typing import Any
from weakref import WeakSet

import faust
from faust.transport.drivers import aiokafka as driver


class _Tracked(WeakSet):  # type: ignore[type-arg]  # Faust's streams call ``add`` on delivery
    def __init__(self, in_flight: dict[Any, set[int]]) -> None:
        super().__init__()
        self._in_flight = in_flight

    def add(self, message: Any) -> None:
        self._in_flight[message.tp].add(message.offset)
        super().add(message)


class _Consumer(driver.Consumer):  # type: ignore[misc]  # Faust is not typed
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._in_flight: dict[Any, set[int]] = defaultdict(set)
        super().__init__(*args, **kwargs)
        self._unacked_messages = _Tracked(self._in_flight)

    def _clean_unacked_messages(self) -> None:
        for message in [message for message in self._unacked_messages if message.acked]:
            self._unacked_messages.discard(message)

    def _new_offset(self, tp: Any) -> int | None:
        acked, in_flight = self._acked[tp], self._in_flight[tp]
        in_flight.difference_update(acked)
        if not in_flight:
            return super()._new_offset(tp)  # type: ignore[no-any-return]  # Faust is not typed
        lowest = min(in_flight)
        held = [offset for offset in acked if offset > lowest]
        acked[:] = [offset for offset in acked if offset < lowest]
        try:
            return super()._new_offset(tp)  # type: ignore[no-any-return]  # Faust is not typed
        finally:
            acked.extend(held)

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await super().on_partitions_revoked(revoked)
        for tp in revoked:
            self._in_flight.pop(tp, None)


class _Transport(driver.Transport):  # type: ignore[misc]  # Faust is not typed
    Consumer = _Consumer


class SafeApp(faust.App):  # type: ignore[misc]  # Faust is not typed
    """A stock app on the consumer above."""

    def _new_transport(self) -> _Transport:
        return _Transport(self.conf.broker_consumer, self)
