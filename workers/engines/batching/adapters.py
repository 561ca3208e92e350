"""The adapters in a model."""

from collections.abc import Sequence
from typing import Any

from workers.engines.adapters import Adapter
from workers.engines.batching.ia3 import Ia3
from workers.engines.batching.lora import Lora, Span


class Adapters:
    """At most ``places`` of them. Not thread-safe: the engine's thread alone calls it."""

    def __init__(self, model: Any, places: int) -> None:
        self._lora, self._ia3 = Lora(model, places), Ia3(model, places)

    def put(self, place: int, adapter: Adapter) -> None:
        """Load an adapter into a place, over what was there."""
        self._lora.put(place, adapter.deltas)
        self._ia3.put(place, adapter.scales)

    def select(self, spans: Sequence[Span]) -> None:
        """Say which adapters the rows of the next forward pass have; single rows come first."""
        self._lora.select(spans)
        self._ia3.select(spans)
