"""The trainer on sets that can be told apart, and on some that cannot."""

import numpy as np
import pytest

from workers.screening.fitting import Fitting, Rows, fit

HOW = Fitting(epochs=30, batch=8)


def rows(*texts: list[int]) -> Rows:
    return Rows.of([np.array(text, np.uint32) for text in texts])


def test_scores_are_means_by_the_root() -> None:
    weights = np.arange(8, dtype=np.float32).reshape(4, 2)
    scored = rows([0, 1], [], [1, 2, 3]).scores(weights, np.array([1, -1], np.float32))
    root2, root3 = np.sqrt(2), np.sqrt(3)
    assert scored == pytest.approx(
        np.array([[2 / root2 + 1, 4 / root2 - 1], [1, -1], [12 / root3 + 1, 15 / root3 - 1]])
    )


def test_rows_are_taken_in_any_order() -> None:
    taken = rows([0, 1], [], [1, 2, 3]).take(np.array([2, 0, 1, 2]))
    assert taken.columns.tolist() == [1, 2, 3, 0, 1, 1, 2, 3]
    assert taken.ends.tolist() == [0, 3, 5, 5, 8]


def test_each_head_learns_its_own() -> None:
    texts = rows(*([[each % 2, 2 + each % 4 // 2, 4 + each % 3] for each in range(60)]))
    targets = np.array([[each % 2, each % 4 // 2] for each in range(60)], np.float32)
    weights, bias = fit(texts, targets, 16, HOW, seed=1)
    assert ((texts.scores(weights, bias) > 0) == (targets > 0)).all()
    again, _ = fit(texts, targets, 16, HOW, seed=1)
    assert np.array_equal(weights, again)


def test_what_few_texts_touch_has_no_weight() -> None:
    texts = rows([0, 9], *([[1], [0]] * 10))
    weights, _ = fit(texts, np.array([[1], *([[0], [1]] * 10)], np.float32), 16, HOW, seed=1)
    assert weights[9] == 0
    assert weights[0] > 0 > weights[1]


def test_noise_is_not_learned_well() -> None:
    """The same sets with both targets: the score is near the share of each."""
    weights, bias = fit(rows(*[[0, 1]] * 40), np.array([[1], [0], [0], [0]] * 10, np.float32), 4, HOW, seed=1)
    assert rows([0, 1]).scores(weights, bias)[0, 0] == pytest.approx(np.log(1 / 3), abs=0.3)
