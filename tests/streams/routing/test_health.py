"""A model that fails rests, then is tried again."""

from schemas.policies import CircuitPolicy
from streams.routing.health import Health

POLICY = CircuitPolicy(failures=3, window_s=10, open_s=5)


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def failing(times: int) -> tuple[Health, Clock]:
    clock = Clock()
    health = Health(clock)
    for _ in range(times):
        health.failed("m", POLICY)
    return health, clock


def test_too_many_failures_open_the_circuit() -> None:
    assert failing(2)[0].state("m", POLICY) == "closed"
    health, _ = failing(3)
    assert health.state("m", POLICY) == "open"
    assert health.resting(POLICY) == {"m"}
    assert health.state("other", POLICY) == "closed"


def test_failures_far_apart_do_not() -> None:
    health, clock = failing(2)
    clock.seconds += 10
    health.failed("m", POLICY)
    assert health.state("m", POLICY) == "closed"


def test_after_a_rest_it_is_tried_and_one_more_failure_opens_it_again() -> None:
    health, clock = failing(3)
    clock.seconds += 5
    assert health.state("m", POLICY) == "half_open"
    assert health.resting(POLICY) == frozenset()
    health.failed("m", POLICY)
    assert health.state("m", POLICY) == "open"


def test_a_success_closes_it() -> None:
    health, clock = failing(3)
    clock.seconds += 5
    health.succeeded("m")
    assert health.state("m", POLICY) == "closed"
    health.failed("m", POLICY)
    assert health.state("m", POLICY) == "closed"
