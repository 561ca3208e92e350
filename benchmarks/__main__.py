"""``python -m benchmarks NAME``: one bench; ``all``: each of them; ``peers``: install those we compare with."""

import argparse
import asyncio
import importlib
import subprocess
import sys
from typing import Any

import uvloop

from benchmarks.peers.install import PEERS, install
from benchmarks.report import CannotRun, Report

_BENCHES = "engines adapters endtoend overhead cachehit priority scale audit screening streaming gpu"
BENCHES = tuple(_BENCHES.split())
CANNOT_RUN = 3
SECONDS = {"scale": 20.0, "priority": 8.0, "overhead": 2.0}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = made.add_subparsers(dest="bench", required=True)
    for name in BENCHES:
        module = bench(name)
        command = commands.add_parser(name, help=module.__doc__, description=module.__doc__)
        command.add_argument("--rounds", type=int, default=5)
        command.add_argument("--seconds", type=float, default=SECONDS.get(name, 5.0), help="of each measurement")
        module.arguments(command)
    commands.add_parser("all", help="each bench, one after the other")
    peers = commands.add_parser("peers", help="install the contenders that are not ours")
    peers.add_argument("names", nargs="*", default="all", choices=[*PEERS, "all"])
    return made


def bench(name: str) -> Any:
    """Its module: ``arguments(parser)`` and ``run(given) -> Report``, a coroutine."""
    return importlib.import_module(f"benchmarks.{name}")


def everything() -> int:
    """Each in a process of its own; how each ended is said last."""
    commands = [[sys.executable, "-m", "benchmarks.spine"]]
    commands += [[sys.executable, "-m", "benchmarks", name] for name in BENCHES]
    ended = {command[-1]: subprocess.run(command, check=False).returncode for command in commands}
    words = {0: "ran", CANNOT_RUN: "cannot run here"}
    print("\n".join(f"{name}: {words.get(code, f'broke off with {code}')}" for name, code in ended.items()))
    return int(any(code not in words for name, code in ended.items()))


def main(arguments: list[str] | None = None) -> int:
    """0: done, whether or not the aims are met, which the table says; ``CANNOT_RUN``: not on this machine."""
    given = parser().parse_args(arguments)
    if given.bench == "all":
        return everything()
    if given.bench == "peers":
        names = [] if "all" in given.names else given.names
        print("\n".join(f"{name}: {outcome}" for name, outcome in install(names).items()))
        return 0
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            report: Report = runner.run(bench(given.bench).run(given))
    except CannotRun as reason:
        print(f"{given.bench} cannot run here: {reason}", file=sys.stderr)
        return CANNOT_RUN
    print(report.write().read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
