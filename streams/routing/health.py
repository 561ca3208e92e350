"""Which models are worth trying, from how their latest requests ended.

A circuit is closed (requests pass), open (the model rests after too many failures) or half open (requests
pass again; one more failure opens it, a success closes it). Source: Nygard, Release It!, 2007.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from schemas.policies import CircuitPolicy

State = Literal["closed", "open", "half_open"]


@dataclass
class _Circuit:
    failures: deque[float] = field(default_factory=lambda: deque(maxlen=1000))
    opened: float | None = None


class Health:
    """One circuit per model. ``clock`` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._circuits: dict[str, _Circuit] = {}

    def succeeded(self, model: str) -> None:
        self._circuits.pop(model, None)

    def failed(self, model: str, policy: CircuitPolicy) -> None:
        circuit, moment = self._circuits.setdefault(model, _Circuit()), self._clock()
        while circuit.failures and circuit.failures[0] <= moment - policy.window_s:
            circuit.failures.popleft()
        circuit.failures.append(moment)
        if circuit.opened is not None or len(circuit.failures) >= policy.failures:
            circuit.opened = moment

    def state(self, model: str, policy: CircuitPolicy) -> State:
        circuit = self._circuits.get(model)
        if circuit is None or circuit.opened is None:
            return "closed"
        return "half_open" if self._clock() - circuit.opened >= policy.open_s else "open"

    def resting(self, policy: CircuitPolicy) -> frozenset[str]:
        """The models whose circuit is open now: what ``route`` takes as ``away``."""
        return frozenset(model for model in self._circuits if self.state(model, policy) == "open")
