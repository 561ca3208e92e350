"""``make faults``: both scenarios at full length; the last line is JSON."""

import asyncio
import json
import sys
from dataclasses import asdict

from tests.faults.scenario import freezes, kills, run


def main() -> int:
    reports = []
    for name, disturb, count in (("kills", kills, 2000), ("freezes", freezes, 2000)):
        print(f"== {name}", flush=True)
        report = asyncio.run(run(count, 60.0, disturb, lambda line: print(line, flush=True)))
        print(asdict(report), flush=True)
        reports.append(report)
    total = {
        key: sum(getattr(report, key) for report in reports)
        for key in ("requests", "without_end", "two_answers", "repeats")
    }
    print(json.dumps(total))
    return 1 if total["without_end"] or total["two_answers"] else 0


if __name__ == "__main__":
    sys.exit(main())
