"""``make faults``: scenarios at full length, those of kills and freezes by default; the last line is JSON."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from functools import partial
from typing import Any

from tests.faults.scenario import each_in_turn, freezes, kills, run

SCENARIOS: dict[str, Callable[..., Coroutine[Any, Any, None]]] = {
    "kills": kills,
    "freezes": freezes,
    "each-in-turn": each_in_turn,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=60.0, help="requests a second")
    parser.add_argument("--times", type=int, help="how often each is killed")
    given = parser.parse_args()
    reports = []
    for name in given.scenarios or ("kills", "freezes"):
        print(f"== {name}", flush=True)
        disturb = partial(SCENARIOS[name], times=given.times) if given.times else SCENARIOS[name]
        scenario = run(given.requests, given.rate, disturb, lambda line: print(line, flush=True))
        report = asyncio.run(scenario)
        print(asdict(report), flush=True)
        reports.append(report)
    total = {
        key: sum(getattr(report, key) for report in reports)
        for key in ("requests", "without_end", "two_answers", "repeats")
    }
    total["audit"] = sum(len(report.audit) for report in reports)
    print(json.dumps(total))
    return 1 if total["without_end"] or total["two_answers"] or total["audit"] else 0


if __name__ == "__main__":
    sys.exit(main())
