"""From scores to probabilities, and where a finding begins."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]

STEPS = 50
RIDGE = 1e-6


def platt(scores: Floats, positive: Mask) -> tuple[float, float]:
    """``a`` and ``b`` so that ``sigmoid(a score + b)`` is the probability of ``positive`` (Platt, 1999), by Newton's
    method, with his targets for small samples; ``a`` is never negative."""
    many, few = positive.sum(), len(positive) - positive.sum()
    wanted = np.where(positive, (many + 1) / (many + 2), 1 / (few + 2))
    design = np.stack([scores.astype(np.float64), np.ones(len(scores))], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (likely - wanted) + RIDGE * found
        curve = (design * (likely * (1 - likely))[:, None]).T @ design + RIDGE * np.eye(2)
        step = np.linalg.solve(curve, slope)
        found -= np.clip(step, -5, 5)
        if np.abs(step).max() < 1e-8:
            break
    return max(float(found[0]), 1e-3), float(found[1])


def thresholds(scores: Floats, rate: float) -> Floats:
    """For each column the score that findings reach, so that at most ``rate`` of these ordinary texts (rows) do."""
    falling = np.sort(scores, axis=0)[::-1]
    found: Floats = np.nextafter(falling[int(rate * len(scores))], np.float32(np.inf))
    return found


def interval(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """The interval of a share, 95 % by default (Wilson, 1927)."""
    if of == 0:
        return 0.0, 1.0
    share, room = hits / of, z * z / of
    middle, half = share + room / 2, z * np.sqrt(share * (1 - share) / of + room / (4 * of))
    return max(0.0, float((middle - half) / (1 + room))), min(1.0, float((middle + half) / (1 + room)))
