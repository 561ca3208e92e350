"""Streamed answers on their way out: screened as they come, with what is still doubtful held back."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from schemas.responses import Chunk
from schemas.results import Delta
from streams.registry import Registry
from streams.screening.screener import Screener
from streams.screening.stream import StreamScreen


@dataclass
class _Stream:
    """``read`` characters came in, ``sent`` went out."""

    screen: StreamScreen
    read: int = 0
    sent: int = 0


class Streams:
    """The streams that are open in this process. After a takeover their beginnings are elsewhere: such a stream says
    nothing more, and the client gets the rest with the response."""

    def __init__(self, registry: Registry, screener: Screener, limit: int = 10_000) -> None:
        self._registry, self._screener, self._limit = registry, screener, limit
        self._open: OrderedDict[tuple[str | None, str], _Stream] = OrderedDict()

    def feed(self, delta: Delta) -> Iterator[Chunk]:
        """The chunk that a delta sets free, if any; a repeat or a gap sets nothing free."""
        stream = self._stream(delta)
        if stream is None or delta.position != stream.read:
            return
        stream.read += len(delta.text)
        if text := stream.screen.feed(delta.text):
            yield Chunk(
                id=delta.id, tenant=delta.tenant, time=delta.time, trace=delta.trace, position=stream.sent, text=text
            )
            stream.sent += len(text)

    def end(self, tenant: str | None, request_id: str) -> None:
        self._open.pop((tenant, request_id), None)

    def _stream(self, delta: Delta) -> _Stream | None:
        key = (delta.tenant, delta.id)
        if key not in self._open and delta.position == 0:
            policy = self._registry.policy(delta.pins.policy, delta.tenant).screening
            self._open[key] = _Stream(StreamScreen(self._screener, "output", policy, delta.pins.policy))
            while len(self._open) > self._limit:
                self._open.popitem(last=False)
        return self._open.get(key)
