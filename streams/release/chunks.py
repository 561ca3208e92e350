"""Streamed answers on their way out: screened as they come, with what is still doubtful held back."""

from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from schemas.policies import ScreeningPolicy
from schemas.responses import Chunk
from schemas.results import Delta, TokenLogprob
from streams.redaction.placeholders import Known, Restorer
from streams.redaction.sealed import NOTHING
from streams.registry import Registry
from streams.screening.leak import at_stake
from streams.screening.screener import Screener
from streams.screening.stream import StreamScreen


@dataclass
class _Stream:
    """One choice: ``read`` characters came in, ``sent`` went out, of which ``unspelt`` are those without a logprob."""

    screen: StreamScreen
    restorer: Restorer
    read: int = 0
    sent: int = 0
    unspelt: str = ""
    untold: deque[TokenLogprob] = field(default_factory=deque)
    told: int = 0

    def feed(self, delta: Delta) -> str:
        """The text that a delta sets free."""
        self.read += len(delta.text)
        text = self.screen.feed(self.restorer.feed(delta.text))
        self.sent += len(text)
        self.unspelt += text
        self.untold += delta.logprobs
        return text

    def tell(self) -> Iterator[TokenLogprob]:
        """The logprobs of tokens that spell what has gone out; any other says what may not, or not yet."""
        while self.untold and self.unspelt.startswith(self.untold[0].token):
            logprob = self.untold.popleft()
            self.unspelt = self.unspelt[len(logprob.token) :]
            self.told += 1
            yield logprob


class Streams:
    """The streams that are open in this process. After a takeover their beginnings are elsewhere: such a stream says
    nothing more, and the client gets the rest with the response."""

    def __init__(self, registry: Registry, screener: Screener, limit: int = 10_000) -> None:
        self._registry, self._screener, self._limit = registry, screener, limit
        self._open: OrderedDict[tuple[str | None, str], dict[int, _Stream]] = OrderedDict()

    def feed(self, delta: Delta, known: Known = NOTHING) -> Iterator[Chunk]:
        """The chunk that a delta sets free, if any, with what is ``known`` in the places of names; a repeat or a gap
        sets nothing free."""
        stream = self._stream(delta, known)
        if stream is None or delta.position != stream.read:
            return
        position, told = stream.sent, stream.told
        text, logprobs = stream.feed(delta), tuple(stream.tell())
        if text or logprobs:
            yield Chunk(
                id=delta.id,
                tenant=delta.tenant,
                time=delta.time,
                trace=delta.trace,
                index=delta.index,
                position=position,
                text=text,
                told=told,
                logprobs=logprobs,
                subject=delta.pins.subject,
            )

    def end(self, tenant: str | None, request_id: str) -> None:
        self._open.pop((tenant, request_id), None)

    def _stream(self, delta: Delta, known: Known) -> _Stream | None:
        key = (delta.tenant, delta.id)
        choices = self._open.get(key, {})
        if delta.index not in choices and delta.position == 0:
            policy = self._registry.policy(delta.pins.policy, delta.tenant).screening
            if self._at_stake(delta, policy):
                return None
            screen = StreamScreen(self._screener, "output", policy, delta.pins.policy, known.own)
            choices[delta.index] = _Stream(screen, Restorer(known))
            self._open[key] = choices
            while len(self._open) > self._limit:
                self._open.popitem(last=False)
        return choices.get(delta.index)

    def _at_stake(self, delta: Delta, policy: ScreeningPolicy) -> bool:
        """Whether the answer may quote a prompt that must not get out: only the whole of it tells."""
        system = self._registry.system_prompt(delta.pins.prompt)
        return bool(system) and self._screener.book(policy).withholds("output", at_stake(system))
