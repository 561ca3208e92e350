"""Probabilities, thresholds and intervals, against values worked out elsewhere."""

import numpy as np
import pytest

from workers.screening.calibration import interval, platt, thresholds


def test_platt_finds_the_curve_that_made_the_labels() -> None:
    random = np.random.default_rng(5)
    scores = random.normal(0, 3, 20_000).astype(np.float32)
    positive = random.random(20_000) < 1 / (1 + np.exp(-(1.7 * scores - 2)))
    assert platt(scores, positive) == pytest.approx((1.7, -2), abs=0.1)


@pytest.mark.parametrize("scores", [[-1, -1, 1, 1], [1, 1, -1, -1], [0, 0, 0, 0]])
def test_platt_is_finite_and_never_turns_scores_round(scores: list[float]) -> None:
    slope, shift = platt(np.array(scores, np.float32), np.array([False, False, True, True]))
    assert 0 < slope < 10
    assert abs(shift) < 10


@pytest.mark.parametrize("rate", [0.0, 0.01, 0.02, 0.2])
def test_no_more_than_the_stated_part_alarms(rate: float) -> None:
    scores = np.random.default_rng(7).normal(size=(1000, 2)).astype(np.float32) * np.array([1, 50], np.float32)
    alarms = (scores >= thresholds(scores, rate)).mean(axis=0)
    assert alarms.tolist() == [rate, rate]


def test_equal_scores_alarm_together_or_not_at_all() -> None:
    scores = np.array([[0.0]] * 95 + [[1.0]] * 5, np.float32)
    assert [(scores >= thresholds(scores, rate)).mean() for rate in (0.04, 0.05, 0.5)] == [0, 0.05, 0.05]


# R: binom::binom.wilson
@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(8, 10, 0.4901625, 0.9433178), (0, 20, 0, 0.1611252), (50, 100, 0.4038315, 0.5961685)],
)
def test_wilsons_interval(hits: int, of: int, low: float, high: float) -> None:
    assert interval(hits, of) == pytest.approx((low, high), abs=1e-4)


def test_nothing_is_known_of_nothing() -> None:
    assert interval(0, 0) == (0, 1)
