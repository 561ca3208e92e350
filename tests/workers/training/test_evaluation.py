import math

import pytest

from schemas.training import TrainingSettings
from workers.training.evaluation import Score, gate

BASE = Score(held_out=2.0, guard=0.4)
SETTINGS = TrainingSettings(min_gain=0.01, max_forgetting=0.5)


@pytest.mark.parametrize(
    ("candidate", "accepted", "says"),
    [
        (Score(1.0, 0.5), True, "2.000 -> 1.000: better by 50.0%"),
        (Score(1.0, 0.1), True, "better"),  # remembering better is no fault
        (Score(1.98, 0.4), True, "better by 1.0%"),  # exactly what is asked
        (Score(1.99, 0.4), False, "not better by 1.0%"),
        (Score(2.0, 0.4), False, "not better"),
        (Score(3.0, 0.4), False, "not better"),
        (Score(1.0, 0.91), False, "forgets: guard loss up by 0.510"),
        (Score(math.nan, 0.4), False, "not a number"),
        (Score(1.0, math.inf), False, "not a number"),
    ],
)
def test_the_gate(candidate: Score, accepted: bool, says: str) -> None:
    decision = gate(BASE, candidate, SETTINGS)
    assert decision.accepted is accepted
    assert says in decision.reason
    assert all(math.isfinite(figure) for figure in decision.metrics.values())


@pytest.mark.parametrize("held_out", [2.0, 0.0])
def test_an_equal_is_refused_even_when_no_gain_is_asked(held_out: float) -> None:
    equal = Score(held_out, 0.4)
    assert not gate(equal, equal, TrainingSettings(min_gain=0)).accepted
