r"""(IA)³ adapters of many requests in one batch.

.. math:: h = l_{out} \odot W (l_{in} \odot x)

For each layer that any adapter scales, one tensor [places, width] has the factors of all (Liu et al., 2022,
arXiv:2205.05638); a row is multiplied by those of its own, and by one where it has none: the last place.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from workers.engines.adapters import Scale
from workers.engines.batching.lora import Span


class Ia3:
    """Not thread-safe: the engine's thread alone calls it."""

    def __init__(self, model: Any, places: int) -> None:
        self._model, self._places = model, places
        self._factors: dict[tuple[str, bool], Tensor] = {}
        self._scaling: set[int] = set()
        self._rows: Tensor | None = None

    @torch.inference_mode()
    def put(self, place: int, scales: Mapping[str, Scale]) -> None:
        """Load what an adapter scales into a place, over what was there."""
        for factors in self._factors.values():
            factors[place] = 1
        for name, scale in scales.items():
            self._of(name, scale)[place] = scale.by
        (self._scaling.add if scales else self._scaling.discard)(place)

    def select(self, spans: Sequence[Span]) -> None:
        """Say which adapters the rows of the next forward pass have."""
        self._rows = None
        if any(place in self._scaling for place, _ in spans):
            rows = [place if place >= 0 else self._places for place, count in spans for _ in range(count)]
            self._rows = torch.tensor(rows, device=self._model.device)

    def _of(self, name: str, like: Scale) -> Tensor:
        key = name, like.inward
        if key not in self._factors:
            self._factors[key] = like.by.new_ones(self._places + 1, len(like.by))
            layer = self._model.get_submodule(name)
            if like.inward:
                layer.register_forward_pre_hook(partial(self._before, self._factors[key]))
            else:
                layer.register_forward_hook(partial(self._after, self._factors[key]))
        return self._factors[key]

    def _before(self, factors: Tensor, module: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
        if self._rows is None:
            return None
        return given[0] * factors.index_select(0, self._rows).view(given[0].shape), *given[1:]

    def _after(self, factors: Tensor, module: nn.Module, given: tuple[Tensor, ...], out: Tensor) -> None:
        if self._rows is not None:
            out.mul_(factors.index_select(0, self._rows).view(out.shape))
