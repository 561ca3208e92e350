"""A circuit breaker: after failures in a row nothing is tried for a while, then one attempt decides."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from schemas.errors import UpstreamFailed


class Circuit:
    """Closed, open for ``rest_s`` after ``failures`` in a row, then half-open: one probe closes or reopens it."""

    def __init__(self, name: str, failures: int, rest_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._name, self._limit, self._rest_s, self._clock = name, failures, rest_s, clock
        self._failures = 0
        self._open_until = 0.0
        self._probing = False

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """One attempt; ``UpstreamFailed`` out of it counts as a failure, any other exit than success as nothing.

        Raises ``UpstreamFailed`` without trying while the circuit is open.
        """
        probing = self._admit()
        try:
            yield
            self._failures = 0
        except UpstreamFailed:
            self._failures += 1
            if probing or self._failures >= self._limit:
                self._open_until = self._clock() + self._rest_s
            raise
        finally:
            self._probing = self._probing and not probing

    def _admit(self) -> bool:
        if self._failures < self._limit:
            return False
        left = self._open_until - self._clock()
        if left > 0 or self._probing:
            raise UpstreamFailed(
                f"{self._name} failed {self._failures} times in a row and rests for another {max(left, 0):.1f} s"
            )
        self._probing = True
        return True
