"""One generation under way: its tokens, and how far they are computed."""

from collections.abc import Callable
from dataclasses import dataclass, field

from schemas.errors import HeadraceError
from schemas.results import TokenLogprob
from workers.engines.batching.lora import Lease
from workers.engines.batching.sampler import Chooser


@dataclass(frozen=True)
class Said:
    """What a step gave a sequence: a token (``last`` when nothing may follow), or the error that ends it."""

    token: int = -1
    last: bool = False
    logprobs: TokenLogprob | None = None
    error: HeadraceError | None = None


VIRTUAL = -1
"""Stands in a prompt for a token that is no text."""


@dataclass(eq=False)
class Sequence:
    """``ids`` are prompt and answer so far, ``computed`` of them are in the cache of keys and values at ``slot``.

    ``room`` is the most tokens of the answer; ``tell`` is called in the engine's thread. ``exact``: its tokens must not
    depend on what else is in the batch. ``left`` is set by whoever no longer listens.
    """

    prompt: list[int]
    room: int
    ends: frozenset[int]
    chooser: Chooser
    tell: Callable[[Said], None]
    lease: Lease | None = None
    exact: bool = False
    ids: list[int] = field(init=False)
    computed: int = 0
    cached: int = 0
    slot: int = -1
    left: bool = False

    def __post_init__(self) -> None:
        self.ids = list(self.prompt)

    @property
    def place(self) -> int:
        """Of its adapter; -1 for none."""
        return self.lease.place if self.lease else -1

    @property
    def owner(self) -> str:
        """Whose keys and values they are: those of one adapter do not fit another."""
        return self.lease.name if self.lease else ""

    @property
    def prefilled(self) -> bool:
        return self.computed >= len(self.prompt)

    @property
    def missing(self) -> int:
        """Tokens to compute before the next can be chosen."""
        return len(self.ids) - self.computed

    def accept(self, token: int) -> bool:
        """Go on by one token; whether it is the last."""
        self.ids.append(token)
        return token in self.ends or len(self.ids) - len(self.prompt) >= self.room or self.chooser.complete


@dataclass(frozen=True)
class Part:
    """The next ``count`` tokens of a sequence, computed in one step."""

    sequence: Sequence
    count: int

    @property
    def start(self) -> int:
        return self.sequence.computed

    @property
    def stop(self) -> int:
        return self.sequence.computed + self.count

    @property
    def complete(self) -> bool:
        """Whether a token can be chosen after it."""
        return self.stop == len(self.sequence.ids)
