"""How far the audit topic is done with: what is read and told of, and nothing beyond an alert that is on its way."""

from collections import Counter
from collections.abc import Callable, Mapping

Partition = int


class Positions:
    """``begun`` is where each partition goes on: what lies before was done with by whoever read it last."""

    def __init__(self, begun: Mapping[Partition, int]) -> None:
        self._next = dict(begun)
        self._held: dict[Partition, Counter[int]] = {partition: Counter() for partition in begun}

    def __contains__(self, partition: Partition) -> bool:
        return partition in self._next

    def read(self, partition: Partition, offset: int) -> None:
        self._next[partition] = max(self._next[partition], offset + 1)

    def hold(self, partition: Partition, offset: int) -> Callable[[], None]:
        """Commit nothing beyond the record until what is returned has been called."""
        held = self._held[partition]
        held[offset] += 1

        def release() -> None:
            held[offset] -= 1
            if not held[offset]:
                del held[offset]

        return release

    def done(self) -> dict[Partition, int]:
        """The offset of each partition below which everything is done."""
        return {partition: min(self._held[partition], default=end) for partition, end in self._next.items()}
