"""Curves as PNG, where matplotlib is installed (it is in the extra ``dev``)."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.report import RESULTS


def curves(
    name: str,
    points: Mapping[str, Sequence[tuple[float, float]]],
    across: str,
    upward: str,
    *,
    logarithmic: bool = True,
    folder: Path = RESULTS,
) -> None:
    """``NAME.png``: a line for each contender through its points (x, y)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for contender, line in points.items():
        ordered = sorted(line)
        axes.plot([x for x, _ in ordered], [y for _, y in ordered], marker="o", label=contender)
    if logarithmic:
        axes.set_xscale("log")
        axes.set_yscale("log")
    axes.set_xlabel(across)
    axes.set_ylabel(upward)
    axes.set_title(name)
    axes.grid(alpha=0.3, which="both")
    axes.legend()
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{name}.png", dpi=120, metadata={"Software": None})
