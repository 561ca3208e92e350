"""When a server rests, and what wakes it."""

import pytest

from schemas.errors import InvalidRequest, UpstreamFailed
from workers.engines.circuit import Circuit


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(circuit: Circuit, error: Exception | None = None) -> None:
    with pytest.raises(type(error or UpstreamFailed(""))), circuit.attempt():
        raise error or UpstreamFailed("down")


def test_opens_after_failures_in_a_row_and_closes_by_one_probe() -> None:
    clock = Clock()
    circuit = Circuit("far", failures=2, rest_s=10, clock=clock)
    fail(circuit)
    fail(circuit)

    with pytest.raises(UpstreamFailed, match="rests for another 10"), circuit.attempt():
        pytest.fail("tried while open")
    clock.now = 11
    with circuit.attempt(), pytest.raises(UpstreamFailed, match="rests"), circuit.attempt():
        pytest.fail("two probes at once")
    with circuit.attempt():
        pass


def test_a_probe_that_fails_opens_it_again() -> None:
    clock = Clock()
    circuit = Circuit("far", failures=1, rest_s=10, clock=clock)
    fail(circuit)
    clock.now = 11
    fail(circuit)

    clock.now = 20
    with pytest.raises(UpstreamFailed, match=r"rests for another 1\.0"), circuit.attempt():
        pytest.fail("tried while open")


def test_what_is_the_clients_fault_opens_nothing() -> None:
    circuit = Circuit("far", failures=1, rest_s=10, clock=Clock())
    fail(circuit, InvalidRequest("no"))

    with circuit.attempt():
        pass


def test_success_forgets_failures() -> None:
    circuit = Circuit("far", failures=2, rest_s=10, clock=Clock())
    fail(circuit)
    with circuit.attempt():
        pass
    fail(circuit)

    with circuit.attempt():
        pass
