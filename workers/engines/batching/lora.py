r"""Low-rank adapters of many requests in one batch.

.. math:: h = W x + \frac{\alpha}{r} B A x

Each loaded adapter has a place. All A [places, layers, rank, in] of layers that are given the same tensor stand in
one, and all B [places, rank, out] of a layer, with the scale in it. Rows are grouped by adapter; where one has many
more than others, each part of a prompt stands by itself (Hu et al., 2021, arXiv:2106.09685; batched as in Chen et al.,
2023, "Punica", arXiv:2310.18547). What a row gets does not depend on the others: on a processor products are in
float32, which is also several times as fast as bfloat16 for matrices so small, and of ``ROWS`` rows at a time, since
others round in other ways.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor, nn

from workers.engines.adapters import Delta, Segment

RANK = 8
"""Ranks are rounded up to a multiple of it."""

ROWS = 4
"""Rows multiplied together are rounded up to a multiple of it."""

SPREAD = 2
"""Groups may have so many times as many rows as there are."""

SAME_INPUT = ({"q_proj", "k_proj", "v_proj"}, {"gate_proj", "up_proj"})
"""Layers of one module that are as a rule given the same tensor."""

Span = tuple[int, int]
"""The place of an adapter (-1: none), and how many rows in a row have it."""


@dataclass(eq=False)
class Lease:
    """An adapter that is in use: it keeps its ``place`` until it is given back. ``name`` is its digest; ``before``
    stands before each prompt."""

    name: str
    place: int
    before: Segment | None = None

    @property
    def virtual(self) -> int:
        """How many tokens stand before."""
        return self.before[0][0].shape[1] if self.before else 0


class Fed:
    """Layers that the same tensor is given to; at the last place no adapter ever is."""

    def __init__(self, places: int, rank: int, like: Delta) -> None:
        exact = torch.float32 if like.a.device.type == "cpu" else like.a.dtype
        self.a = like.a.new_zeros(places + 1, 0, rank, like.a.shape[1], dtype=exact)

    def join(self) -> int:
        """One more layer; which it is."""
        self.a = nn.functional.pad(self.a, (0, 0, 0, 0, 0, 1))
        return self.a.shape[1] - 1

    def widen(self, rank: int) -> None:
        """Make room for adapters of a higher rank."""
        self.a = nn.functional.pad(self.a, (0, 0, 0, rank - self.a.shape[2]))


class Changed:
    """The adapters of one linear layer."""

    def __init__(self, fed: Fed, like: Delta) -> None:
        self.fed, self.layer = fed, fed.join()
        self.b = fed.a.new_zeros(fed.a.shape[0], fed.a.shape[2], like.b.shape[1])

    def widen(self, rank: int) -> None:
        """Make room for adapters of a higher rank."""
        self.b = nn.functional.pad(self.b, (0, 0, 0, rank - self.b.shape[1]))

    def put(self, place: int, delta: Delta) -> None:
        for held, given in ((self.fed.a[:, self.layer], delta.a), (self.b, delta.b)):
            held[place].zero_()[: len(given)] = given


@dataclass(frozen=True)
class Grouped:
    """The first rows grouped by adapter, as many for each as the most have: ``taken`` [adapters × width] are their
    numbers, ``back`` [rows] says where the outcome of each is."""

    places: Tensor | slice
    width: int
    taken: Tensor
    back: Tensor

    @classmethod
    def of(cls, places: Sequence[int], device: torch.device) -> "Grouped":
        first, last, used = min(places), max(places), sorted(set(places))
        dense = last - first < 2 * len(used)
        groups: dict[int, list[int]] = {place: [] for place in (range(first, last + 1) if dense else used)}
        for row, place in enumerate(places):
            groups[place].append(row)
        width = -(-max(map(len, groups.values())) // ROWS) * ROWS
        taken = [row for rows in groups.values() for row in (*rows, *[0] * (width - len(rows)))]
        back = [0] * len(places)
        for group, rows in enumerate(groups.values()):
            for at, row in enumerate(rows):
                back[row] = group * width + at
        where = slice(first, last + 1) if dense else torch.tensor(used, device=device)
        return cls(where, width, torch.tensor(taken, device=device), torch.tensor(back, device=device))

    def inner(self, rows: Tensor, a: Tensor) -> Tensor:
        """What A gives, [adapters, width, layers × rank]."""
        grouped = rows.index_select(0, self.taken).to(a.dtype).view(-1, self.width, rows.shape[1])
        return torch.bmm(grouped, a[self.places].flatten(1, 2).transpose(1, 2))

    def add(self, inner: Tensor, out: Tensor, b: Tensor) -> None:
        """To what a layer gave, what B makes of what A gives it."""
        made = torch.bmm(inner, b[self.places]).flatten(0, 1).index_select(0, self.back)
        out[: len(made)] += made.to(out.dtype)


@dataclass(frozen=True)
class Part:
    """A part of a prompt: ``rows`` of which all have the adapter at ``place``."""

    place: int
    rows: slice

    def inner(self, rows: Tensor, a: Tensor) -> Tensor:
        """What A gives, [rows and more, layers × rank]."""
        own = rows[self.rows].to(a.dtype)
        return nn.functional.pad(own, (0, 0, 0, -len(own) % ROWS)) @ a[self.place].flatten(0, 1).t()

    def add(self, inner: Tensor, out: Tensor, b: Tensor) -> None:
        """As that of ``Grouped``."""
        own = out[self.rows]
        own += (inner @ b[self.place])[: len(own)].to(out.dtype)


class Lora:
    """Not thread-safe: the engine's thread alone calls it."""

    def __init__(self, model: Any, places: int) -> None:
        self._model, self._places, self._rank = model, places, RANK
        self._changed: dict[str, Changed] = {}
        self._fed: dict[object, Fed] = {}
        self._chosen: list[Grouped | Part] = []
        self._last: tuple[Tensor, Fed, list[Tensor]] | None = None

    @torch.inference_mode()
    def put(self, place: int, deltas: Mapping[str, Delta]) -> None:
        """Load an adapter into a place, over what was there."""
        self._make_room(max((len(delta.a) for delta in deltas.values()), default=0))
        for name, changed in self._changed.items():
            if name not in deltas:
                changed.b[place].zero_()
        for name, delta in deltas.items():
            changed = self._changed.get(name) or self._change(name, delta)
            changed.put(place, delta)

    def select(self, spans: Sequence[Span]) -> None:
        """Say which adapters the rows of the next forward pass have; single rows come first."""
        spans = [(place if place >= 0 else self._places, count) for place, count in spans]
        self._last, self._chosen = None, []
        rows = [place for place, count in spans for _ in range(count)]
        if _even(rows):
            self._group(rows)
            return
        self._group([place for place, count in spans if count == 1])
        starts = accumulate((count for _, count in spans), initial=0)
        self._chosen += [
            Part(place, slice(start, start + count))
            for (place, count), start in zip(spans, starts, strict=False)
            if place < self._places and count > 1
        ]

    def _group(self, places: Sequence[int]) -> None:
        if any(place < self._places for place in places):
            self._chosen.append(Grouped.of(places, self._model.device))

    def _make_room(self, rank: int) -> None:
        """For adapters of such a rank."""
        if rank > self._rank:
            self._rank = -(-rank // RANK) * RANK
            widened: list[Fed | Changed] = [*self._fed.values(), *self._changed.values()]
            for held in widened:
                held.widen(self._rank)

    def _change(self, name: str, like: Delta) -> Changed:
        self._changed[name] = Changed(self._feeding(name, like), like)
        self._model.get_submodule(name).register_forward_hook(partial(self._add, self._changed[name]))
        return self._changed[name]

    def _feeding(self, name: str, like: Delta) -> Fed:
        module, _, own = name.rpartition(".")
        together = next((place for place, names in enumerate(SAME_INPUT) if own in names), own)
        return self._fed.setdefault((module, together, like.a.shape[1]), Fed(self._places, self._rank, like))

    def _add(self, changed: Changed, module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        """To what the layer gives, what the adapters of its rows add."""
        if not self._chosen:
            return
        made, rank = out.view(-1, changed.b.shape[2]), self._rank
        own = slice(changed.layer * rank, (changed.layer + 1) * rank)
        for chosen, inner in zip(self._chosen, self._inner(given[0], changed.fed), strict=True):
            chosen.add(inner[..., own], made, changed.b)

    def _inner(self, given: Tensor, fed: Fed) -> list[Tensor]:
        """What A gives: once for all layers that follow one another with the same tensor."""
        if self._last is None or self._last[0] is not given or self._last[1] is not fed:
            rows = given.reshape(-1, given.shape[-1])
            self._last = given, fed, [chosen.inner(rows, fed.a) for chosen in self._chosen]
        return self._last[2]


def _even(places: Sequence[int]) -> bool:
    """Whether groups as wide as the widest are not many times as many rows."""
    counts = Counter(places).values()
    return len(counts) * max(counts, default=0) <= SPREAD * len(places)
