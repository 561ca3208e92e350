r"""Low-rank adapters of many requests in one batch.

.. math:: h = W x + \frac{\alpha}{r} B A x

Each loaded adapter has a place. For each linear layer that any of them changes, all A [places × rank, in] and B
[places × rank, out] stand in one matrix each, B with the scale in it, and a mask leaves each row the columns of its own
adapter (Hu et al., 2021, arXiv:2106.09685; batched as in Chen et al., 2023, "Punica", arXiv:2310.18547).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from workers.engines.adapters import Delta, Deltas
from workers.engines.batching.linear import in_pairs

RANK = 8
"""Ranks are rounded up to a multiple of it."""


@dataclass(eq=False)
class Lease:
    """An adapter that is in use: it keeps its ``place`` until it is given back. ``name`` is its digest."""

    name: str
    place: int


class Changed:
    """The adapters of one linear layer."""

    def __init__(self, places: int, rank: int, like: Delta) -> None:
        self.a = like.a.new_zeros(places, rank, like.a.shape[1])
        self.b = like.b.new_zeros(places, rank, like.b.shape[1])

    def widen(self, rank: int) -> None:
        """Make room for adapters of a higher rank."""
        more = rank - self.a.shape[1]
        self.a, self.b = (nn.functional.pad(held, (0, 0, 0, more)) for held in (self.a, self.b))


class Adapters:
    """The adapters in a model, ``places`` of them at most. Not thread-safe: the engine's thread alone calls it."""

    def __init__(self, model: Any, places: int) -> None:
        self._model, self._places, self._rank = model, places, RANK
        self._changed: dict[str, Changed] = {}
        self._low = self._high = 0
        self._mask: Tensor | None = None

    @torch.inference_mode()
    def put(self, place: int, deltas: Deltas) -> None:
        """Load an adapter into a place, over what was there."""
        self._make_room(max(len(delta.a) for delta in deltas.values()))
        for name, changed in self._changed.items():
            if name not in deltas:
                changed.b[place].zero_()
        for name, delta in deltas.items():
            changed = self._changed.get(name) or self._change(name, delta)
            for held, given in ((changed.a, delta.a), (changed.b, delta.b)):
                held[place].zero_()[: len(given)] = given

    def _make_room(self, rank: int) -> None:
        """For adapters of such a rank."""
        if rank > self._rank:
            self._rank = -(-rank // RANK) * RANK
            for changed in self._changed.values():
                changed.widen(self._rank)

    def select(self, places: Sequence[int]) -> None:
        """Say which adapter the next forward pass has for each of its rows; -1 is none."""
        used = [place for place in set(places) if place >= 0]
        if not used:
            self._mask = None
            return
        self._low, self._high = min(used), max(used) + 1
        own = torch.tensor(places, device=self._model.device)[:, None]
        one = own == torch.arange(self._low, self._high, device=own.device)
        self._mask = one.repeat_interleave(self._rank, dim=1).to(self._model.dtype)

    def _change(self, name: str, like: Delta) -> Changed:
        self._changed[name] = Changed(self._places, self._rank, like)
        self._model.get_submodule(name).register_forward_hook(partial(self._add, self._changed[name]))
        return self._changed[name]

    def _add(self, changed: Changed, module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> Tensor:
        """What the layer gives, with the adapters of its rows."""
        if self._mask is None:
            return out
        a, b = (held[self._low : self._high].flatten(0, 1) for held in (changed.a, changed.b))
        rows = given[0].reshape(-1, a.shape[1])
        low = (in_pairs(rows) @ a.t())[: len(rows)].mul_(self._mask)
        added = in_pairs(low) @ b
        return out + added[: len(rows)].view(out.shape)
