"""Attention over the slots of a cache, as transformers lets models call it.

All new tokens of a step are one row of a batch: a token each of the sequences that decode, then the prompts. Linear
layers see them together; here each sequence is led to its own keys and values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from schemas.errors import InternalError
from workers.engines.batching.cache import LEAST, Cache, power, rounded
from workers.engines.batching.lora import Span
from workers.engines.batching.sequence import Part

NAME = "headrace"


@dataclass
class Group:
    """Some rows of a step that attend together: their slots, and the positions [slots, rows each] of their tokens."""

    rows: slice
    slots: Sequence[int]
    positions: Tensor
    length: int
    _masks: dict[int, Tensor] = field(default_factory=dict)

    @cached_property
    def place(self) -> slice | Tensor:
        """Slots that lie side by side need no copy."""
        first, last = self.slots[0], self.slots[-1]
        if last - first + 1 == len(self.slots):
            return slice(first, last + 1)
        return torch.tensor(self.slots, device=self.positions.device)

    def mask(self, window: int, heads: int, dtype: torch.dtype) -> Tensor:
        """[slots, 1, heads × rows, length]: zero for the keys that each query sees, at most ``window`` back (0: all),
        and minus infinity for the others."""
        if window not in self._masks:
            at, own = torch.arange(self.length, device=self.positions.device), self.positions[:, None, :, None]
            seen = at <= own
            if window:
                seen &= at > own - window
            hidden = torch.zeros(seen.shape, dtype=dtype, device=at.device).masked_fill_(~seen, -torch.inf)
            self._masks[window] = hidden.repeat(1, 1, heads, 1)
        return self._masks[window]


class Step:
    """The tokens of one forward pass and where they belong."""

    def __init__(self, parts: Sequence[Part], cache: Cache, device: torch.device) -> None:
        self.cache = cache
        self.parts = sorted(parts, key=lambda part: (part.count > 1, power(max(part.stop, LEAST)), part.sequence.slot))
        starts = [part.start for part in self.parts]
        positions = [start + at for start, part in zip(starts, self.parts, strict=True) for at in range(part.count)]
        slots = [part.sequence.slot for part in self.parts for _ in range(part.count)]
        self.positions = torch.tensor(positions, device=device)
        self._slots = torch.tensor(slots, device=device)
        self._at: dict[int, Tensor] = {}
        self.groups = list(self._groups())
        self.windows = 0

    def at(self, heads: int) -> Tensor:
        """[heads × rows]: where the keys of the rows are in a cache of so many heads."""
        if heads not in self._at:
            each = torch.arange(heads, device=self._slots.device)[:, None]
            self._at[heads] = ((self._slots * heads + each) * self.cache.capacity + self.positions).flatten()
        return self._at[heads]

    @property
    def ids(self) -> list[int]:
        return [id for part in self.parts for id in part.sequence.ids[part.start : part.stop]]

    @property
    def spans(self) -> list[Span]:
        """The adapters of the rows."""
        return [(part.sequence.place, part.count) for part in self.parts]

    @property
    def ends(self) -> list[tuple[int, Part]]:
        """The rows after which a token is chosen."""
        found, row = [], -1
        for part in self.parts:
            row += part.count
            if part.complete:
                found.append((row, part))
        return found

    def _groups(self) -> Iterator[Group]:
        """Those that decode, by lengths of one size; each prompt by itself."""
        row, held = 0, list[Part]()
        for part in [*self.parts, None]:
            if held and (part is None or part.count > 1 or _size(part) != _size(held[0])):
                yield self._group(held, row - len(held), row)
                held = []
            if part is None:
                return
            if part.count == 1:
                held.append(part)
            else:
                yield self._group([part], row, row + part.count)
            row += part.count

    def _group(self, parts: Sequence[Part], start: int, stop: int) -> Group:
        length = min(rounded(max(part.stop for part in parts)), self.cache.capacity)
        slots = [part.sequence.slot for part in parts]
        return Group(slice(start, stop), slots, self.positions[start:stop].view(len(parts), -1), length)


def _size(part: Part) -> int:
    return power(max(part.stop, LEAST))


def attend(
    module: Any, query: Tensor, key: Tensor, value: Tensor, attention_mask: Any, **options: Any
) -> tuple[Tensor, None]:
    """An attention function of transformers: ``query`` [1, heads, rows, dimensions], and so on; gives
    [1, rows, heads, dimensions]. ``step`` is passed through the model.

    Raises ``InternalError`` for a model whose attention is more than softmax(QK)V: none such gets here but to be tried.
    """
    step: Step | None = options.get("step")
    if step is None or any(options.get(name) is not None for name in ("softcap", "s_aux", "position_bias")):
        raise InternalError("this model's attention is of a kind that cannot be batched here")
    keys, values = step.cache.write(module.layer_idx, key[0], value[0], step.at(key.shape[1]))
    window = options.get("sliding_window") or 0
    step.windows += bool(window)
    made = [_attend(group, query[0], keys, values, options.get("scaling"), window) for group in step.groups]
    return torch.cat(made)[None] if len(made) > 1 else made[0][None], None


def _attend(group: Group, query: Tensor, keys: Tensor, values: Tensor, scaling: float | None, window: int) -> Tensor:
    """[rows, heads, dimensions]. Query heads of one key head stand side by side as queries: none is copied."""
    heads, count = keys.shape[1], len(group.slots)
    asked = query[:, group.rows]
    shared, each = len(asked) // heads, asked.shape[1] // count
    asked = asked.view(heads, shared, count, each, -1).permute(2, 0, 1, 3, 4).reshape(count, heads, shared * each, -1)
    key, value = (held[group.place, :, : group.length] for held in (keys, values))
    mask = group.mask(window, shared, query.dtype)
    out = scaled_dot_product_attention(asked, key, value, attn_mask=mask, scale=scaling)
    return out.view(count, heads, shared, each, -1).permute(0, 3, 1, 2, 4).reshape(count * each, heads * shared, -1)
