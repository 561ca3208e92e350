"""Keys and values of all sequences: for each layer two tensors [slots, heads, capacity, dimensions], a slot each."""

import torch
from torch import Tensor

from workers.engines.adapters import Segment

STEP = 64
"""Capacities and the lengths that attention runs over are multiples of it, so that what a row gets does not depend on
how long the others are."""
LEAST = 256


class Cache:
    """Grows as sequences do, to at most ``budget`` bytes. Not thread-safe."""

    def __init__(self, slots: int, budget: int) -> None:
        self._most, self._budget = slots, budget
        self.slots = self.capacity = 0
        self._layers: dict[int, tuple[Tensor, Tensor]] = {}
        self._token_bytes = 0

    def fits(self, slots: int, length: int) -> bool:
        """Whether so many slots of so many tokens are within the budget."""
        return slots * rounded(length) * self._token_bytes <= self._budget

    def reserve(self, slots: int, length: int) -> None:
        """Make room for slots 0 to ``slots`` - 1 with ``length`` tokens each; what they hold is kept."""
        if slots <= self.slots and length <= self.capacity:
            return
        wider, longer = min(self._most, power(max(slots, self.slots))), power(max(length, self.capacity, LEAST))
        self.slots, self.capacity = (wider, longer) if self.fits(wider, longer) else (slots, rounded(length))
        for layer, (keys, values) in self._layers.items():
            self._layers[layer] = self._larger(keys), self._larger(values)

    def clear(self) -> None:
        """Give the memory back; nothing is kept."""
        self.slots = self.capacity = 0
        self._layers = {
            layer: (self._empty(keys), self._empty(values)) for layer, (keys, values) in self._layers.items()
        }

    def write(self, layer: int, key: Tensor, value: Tensor, at: Tensor) -> tuple[Tensor, Tensor]:
        """Put ``key`` and ``value`` [heads, tokens, dimensions] where ``at`` [heads × tokens] says ((slot × heads +
        head) × capacity + position), and give those of the whole layer."""
        if layer not in self._layers:
            self._layers[layer] = self._empty(key), self._empty(value)
            self._token_bytes += (key[:, 0].numel() + value[:, 0].numel()) * key.element_size()
        keys, values = self._layers[layer]
        keys.view(-1, keys.shape[-1]).index_copy_(0, at, key.flatten(0, 1))
        values.view(-1, values.shape[-1]).index_copy_(0, at, value.flatten(0, 1))
        return keys, values

    def read(self, slot: int, start: int, stop: int) -> Segment:
        """A copy of some tokens."""
        return [(keys[slot, :, start:stop].clone(), values[slot, :, start:stop].clone()) for keys, values in self._all]

    def put(self, slot: int, start: int, segment: Segment, count: int, skip: int) -> None:
        """``count`` tokens of a segment that ``read`` gave, after its first ``skip``, at ``start``."""
        for (keys, values), (key, value) in zip(self._all, segment, strict=True):
            keys[slot, :, start : start + count] = key[:, skip : skip + count]
            values[slot, :, start : start + count] = value[:, skip : skip + count]

    def wipe(self, slot: int) -> None:
        """Zero a slot: what is no number would spread, even where it is masked."""
        for keys, values in self._layers.values():
            keys[slot].zero_()
            values[slot].zero_()

    @property
    def _all(self) -> Segment:
        return [self._layers[layer] for layer in sorted(self._layers)]

    def _empty(self, like: Tensor) -> Tensor:
        """For as many heads [-3] and dimensions [-1] as another has."""
        shape = self.slots, like.shape[-3], self.capacity, like.shape[-1]
        return torch.zeros(shape, dtype=like.dtype, device=like.device)

    def _larger(self, old: Tensor) -> Tensor:
        new = self._empty(old)
        slots, capacity = min(old.shape[0], self.slots), min(old.shape[2], self.capacity)
        new[:slots, :, :capacity] = old[:slots, :, :capacity]
        return new


def rounded(length: int) -> int:
    return -(-length // STEP) * STEP


def power(count: int) -> int:
    """The least power of two that is not below ``count``."""
    return 1 << max(0, count - 1).bit_length()
