r"""Low-rank adapters of many requests in one batch.

.. math:: h = W x + \frac{\alpha}{r} B A x

Each loaded adapter has a place. For each linear layer that any of them changes, all A [places, rank, in] and B
[places, rank, out] stand in one tensor each, B with the scale in it. Rows that decode are multiplied together: with all
adapters in use where these are narrow, else grouped by adapter; each part of a prompt by itself (Hu et al., 2021,
arXiv:2106.09685; batched as in Chen et al., 2023, "Punica", arXiv:2310.18547). What a row gets does not depend on the
others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from workers.engines.adapters import Delta, Segment
from workers.engines.batching.linear import in_pairs

RANK = 8
"""Ranks are rounded up to a multiple of it."""

NARROW = 256
"""So many columns, of all places together, are multiplied at once."""

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


class Changed:
    """The adapters of one linear layer; at the last place none ever is."""

    def __init__(self, places: int, rank: int, like: Delta) -> None:
        self.a = like.a.new_zeros(places + 1, rank, like.a.shape[1])
        self.b = like.b.new_zeros(places + 1, rank, like.b.shape[1])

    def widen(self, rank: int) -> None:
        """Make room for adapters of a higher rank."""
        more = rank - self.b.shape[1]
        self.a, self.b = (nn.functional.pad(held, (0, 0, 0, more)) for held in (self.a, self.b))

    def put(self, place: int, delta: Delta) -> None:
        for held, given in ((self.a, delta.a), (self.b, delta.b)):
            held[place].zero_()[: len(given)] = given


class Singles(Protocol):
    """The first rows, each of which stands alone."""

    def add(self, given: Tensor, out: Tensor, changed: Changed) -> None:
        """To what a layer gave these rows, what their adapters add."""
        ...


@dataclass(frozen=True)
class Masked:
    """Multiplied with every adapter from the first to the last in use, the columns of others masked: two large products
    are faster than many small ones, while there are few columns. ``own`` is [rows, columns]."""

    columns: slice
    own: Tensor

    @classmethod
    def of(cls, places: Sequence[int], none: int, rank: int, like: Tensor) -> "Masked":
        """``none`` is the place of no adapter."""
        used = [place for place in places if place != none]
        columns = slice(min(used) * rank, (max(used) + 1) * rank)
        whose = torch.arange(columns.start, columns.stop, device=like.device) // rank
        return cls(columns, (whose == torch.tensor(places, device=like.device)[:, None]).to(like.dtype))

    def add(self, given: Tensor, out: Tensor, changed: Changed) -> None:
        """See ``Singles``."""
        count = len(self.own)
        inner = in_pairs(given[:count]) @ changed.a.flatten(0, 1)[self.columns].t() * self.own
        out[:count] += (inner @ changed.b.flatten(0, 1)[self.columns])[:count]


@dataclass(frozen=True)
class Grouped:
    """Grouped by adapter, as many rows for each as the most have (two at least: what multiplies one alone rounds
    otherwise): ``taken`` [adapters × width] are their numbers, ``back`` [rows] says where the outcome of each is."""

    places: Tensor | slice
    width: int
    taken: Tensor
    back: Tensor

    @classmethod
    def of(cls, places: Sequence[int], device: torch.device) -> "Grouped":
        groups: dict[int, list[int]] = {place: [] for place in sorted(set(places))}
        for row, place in enumerate(places):
            groups[place].append(row)
        width = max(2, *map(len, groups.values()))
        taken = [row for rows in groups.values() for row in (rows + rows[:1] * width)[:width]]
        first, last = min(groups), max(groups)
        where = slice(first, last + 1) if last - first + 1 == len(groups) else torch.tensor(list(groups), device=device)
        back = torch.tensor([taken.index(row) for row in range(len(places))], device=device)
        return cls(where, width, torch.tensor(taken, device=device), back)

    def add(self, given: Tensor, out: Tensor, changed: Changed) -> None:
        """See ``Singles``."""
        grouped = given.index_select(0, self.taken).view(-1, self.width, given.shape[1])
        made = torch.bmm(torch.bmm(grouped, changed.a[self.places].transpose(1, 2)), changed.b[self.places])
        out[: len(self.back)] += made.flatten(0, 1).index_select(0, self.back)


class Lora:
    """Not thread-safe: the engine's thread alone calls it."""

    def __init__(self, model: Any, places: int) -> None:
        self._model, self._places, self._rank = model, places, RANK
        self._changed: dict[str, Changed] = {}
        self._singles: Singles | None = None
        self._spans: list[tuple[int, slice]] = []

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
        singles = [place if place >= 0 else self._places for place, count in spans if count == 1]
        some = self._changed and any(place < self._places for place in singles)
        self._singles = self._of(singles) if some else None
        starts = accumulate((count for _, count in spans), initial=0)
        self._spans = [
            (place, slice(start, start + count))
            for (place, count), start in zip(spans, starts, strict=False)
            if place >= 0 and count > 1
        ]

    def _of(self, places: Sequence[int]) -> Singles:
        """Which way does not depend on who is in the batch: each rounds in its own."""
        if self._places * self._rank <= NARROW:
            return Masked.of(places, self._places, self._rank, next(iter(self._changed.values())).a)
        return Grouped.of(places, self._model.device)

    def _make_room(self, rank: int) -> None:
        """For adapters of such a rank."""
        if rank > self._rank:
            self._rank = -(-rank // RANK) * RANK
            for changed in self._changed.values():
                changed.widen(self._rank)

    def _change(self, name: str, like: Delta) -> Changed:
        self._changed[name] = Changed(self._places, self._rank, like)
        self._model.get_submodule(name).register_forward_hook(partial(self._add, self._changed[name]))
        return self._changed[name]

    def _add(self, changed: Changed, module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        """To what the layer gives, what the adapters of its rows add."""
        if self._singles is None and not self._spans:
            return
        rows, made = given[0].reshape(-1, changed.a.shape[2]), out.view(-1, changed.b.shape[2])
        if self._singles:
            self._singles.add(rows, made, changed)
        for place, span in self._spans:
            made[span].addmm_(rows[span] @ changed.a[place].t(), changed.b[place])
