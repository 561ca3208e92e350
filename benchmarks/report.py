"""A bench's outcome on paper: JSON with every sample, and a table for people."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.samples import Samples, Spread

RESULTS = Path(__file__).with_name("results")
NOTES = Path(__file__).with_name("notes")
"""What people found out: ``NAME.md`` is put under the table, so that a miss stands beside what explains it."""


class CannotRun(Exception):
    """This machine lacks what the bench needs; the message says what."""


@dataclass(frozen=True)
class Aim:
    """One figure held against what it should be; without a value it could not be measured here."""

    name: str
    aim: str
    value: float | None
    met: bool

    @classmethod
    def at_least(cls, name: str, bound: float, value: float | None) -> "Aim":
        return cls(name, f">= {bound:g}", _rounded(value), value is not None and value >= bound)

    @classmethod
    def at_most(cls, name: str, bound: float, value: float | None) -> "Aim":
        return cls(name, f"<= {bound:g}", _rounded(value), value is not None and value <= bound)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


@dataclass
class Report:
    """``size`` is what the bench was run with; ``absent`` says of each contender that did not run, why."""

    name: str
    size: dict[str, Any]
    samples: Samples = field(default_factory=Samples)
    aims: list[Aim] = field(default_factory=list)
    absent: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=machine.versions)
    began: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    def write(self, folder: Path = RESULTS) -> Path:
        """``NAME.json`` and ``NAME.md``; returns the table's path."""
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.record(), indent=1, ensure_ascii=False, default=_plain)
        (folder / f"{self.name}.json").write_text(text + "\n", encoding="utf-8")
        table = folder / f"{self.name}.md"
        table.write_text(self.table(), encoding="utf-8")
        return table

    def record(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "began": self.began,
            "machine": machine.describe(),
            "commit": machine.commit(),
            "versions": self.versions,
            "size": self.size,
            "absent": self.absent,
            "aims": [asdict(aim) for aim in self.aims],
            "summary": [
                {
                    "case": case,
                    "contender": contender,
                    "figures": {name: asdict(each) for name, each in spreads.items()},
                }
                for case, contender, spreads in self.samples.spreads()
            ],
            "samples": [asdict(sample) for sample in self.samples],
        }

    def table(self) -> str:
        size = ", ".join(f"{name} {value}" for name, value in self.size.items())
        parts = [f"# {self.name}", f"Medians (lowest to highest of the rounds). Size: {size}."]
        if self.aims:
            parts.append(_rows(("aim", "bound", "measured", "met"), [_line(aim) for aim in self.aims]))
        for case in self.samples.cases:
            parts += [f"## {case}", self._case(case)]
        parts += [f"{contender} did not run: {why}" for contender, why in self.absent.items()]
        note = NOTES / f"{self.name}.md"
        if note.exists():
            parts += ["## Notes", note.read_text(encoding="utf-8").strip()]
        return "\n\n".join(parts) + "\n"

    def _case(self, case: str) -> str:
        found: dict[str, dict[str, Spread]] = {
            contender: spreads for of, contender, spreads in self.samples.spreads() if of == case
        }
        metrics = list(dict.fromkeys(name for spreads in found.values() for name in spreads))
        rows = [
            (contender, *(str(spreads[name]) if name in spreads else "" for name in metrics))
            for contender, spreads in found.items()
        ]
        return _rows(("contender", *metrics), rows)


def _line(aim: Aim) -> tuple[str, ...]:
    return aim.name, aim.aim, "not measured" if aim.value is None else f"{aim.value:g}", "yes" if aim.met else "**no**"


def _rows(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _plain(value: object) -> str:
    return str(value)
