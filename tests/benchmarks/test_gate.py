import json

import pytest

from benchmarks.gate import PATHS, RECORDED, Instructions, verdicts


def test_instructions_are_counted_the_same_every_time() -> None:
    def work(times: int) -> int:
        total = 0
        for number in range(times):
            total += number
        return total

    counts = []
    for times in (10, 10, 20):
        with Instructions() as instructions:
            run(work, times)
        counts.append(instructions.count)
    assert counts[0] == counts[1] < counts[2]


def run(work: object, times: int) -> None:
    """Called under the trace, so that what it calls is counted."""
    assert callable(work)
    work(times)


@pytest.mark.parametrize(
    ("now", "then", "passes"),
    [
        (1000, 1000, True),
        (1100, 1000, True),  # a tenth more
        (1101, 1000, False),
        (100, 1000, True),  # less is fine
        (1000, None, True),  # nothing to hold it against
    ],
)
def test_what_passes(now: int, then: int | None, passes: bool) -> None:
    [(line, passed)] = verdicts({"way in": now}, {"way in": then} if then else {})
    assert passed is passes
    assert line.startswith(f"way in: {now} instructions a record")


def test_each_path_is_recorded() -> None:
    assert all(set(counts) == set(PATHS) for counts in json.loads(RECORDED.read_text()).values())
