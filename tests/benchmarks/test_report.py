import json
from pathlib import Path

import pytest

from benchmarks.plots import curves
from benchmarks.report import Aim, Report
from benchmarks.samples import Sample, Samples


def report() -> Report:
    samples = Samples([Sample(1, "ours", "满 full", {"rate": 250.0, "p50_ms": 3.21}, {"latency_ms": [3.0, 3.42]})])
    aims = [Aim.at_least("rate, times theirs", 1.0, 1.23456), Aim.at_most("p50", 2.0, None)]
    return Report("tried", {"rounds": 1}, samples, aims, {"theirs": "not installed"})


@pytest.mark.parametrize(
    ("aim", "met"),
    [
        (Aim.at_least("a", 2.0, 2.0), True),
        (Aim.at_least("a", 2.0, 1.999), False),
        (Aim.at_most("a", 2.0, 2.0), True),
        (Aim.at_most("a", 2.0, 2.001), False),
        (Aim.at_least("a", 2.0, None), False),  # what could not be measured is not met
        (Aim.at_most("a", 2.0, None), False),
    ],
)
def test_when_an_aim_is_met(aim: Aim, met: bool) -> None:
    assert aim.met is met


def test_the_record_has_every_sample_and_what_it_was_taken_on(tmp_path: Path) -> None:
    report().write(tmp_path)
    record = json.loads((tmp_path / "tried.json").read_text(encoding="utf-8"))
    assert record["samples"][0]["detail"] == {"latency_ms": [3.0, 3.42]}
    assert record["summary"][0]["figures"]["rate"] == {"median": 250.0, "low": 250.0, "high": 250.0}
    assert record["aims"][0] == {"name": "rate, times theirs", "aim": ">= 1", "value": 1.235, "met": True}
    assert record["absent"] == {"theirs": "not installed"}
    assert record["machine"]["cpus"] > 0
    assert record["versions"]["pydantic"]
    assert len(record["commit"].removesuffix("+changes")) in (0, 40)


def test_the_table_says_what_was_missed_and_who_was_absent(tmp_path: Path) -> None:
    table = report().write(tmp_path).read_text(encoding="utf-8")
    assert "| rate, times theirs | >= 1 | 1.235 | yes |" in table
    assert "| p50 | <= 2 | not measured | **no** |" in table
    assert "| ours | 250 (250 to 250) | 3.21 (3.21 to 3.21) |" in table
    assert "## 满 full" in table
    assert "theirs did not run: not installed" in table


def test_curves_are_drawn(tmp_path: Path) -> None:
    curves("tried", {"ours": [(1, 2), (8, 5)], "theirs": [(1, 3)]}, "at once", "rate", folder=tmp_path)
    assert (tmp_path / "tried.png").read_bytes().startswith(b"\x89PNG")
