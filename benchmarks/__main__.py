"""``python -m benchmarks NAME``: one bench; ``all``: each of them; ``peers``: install those we compare with."""

import argparse
import asyncio
import importlib
import subprocess
import sys
from typing import Any

import uvloop

from benchmarks.peers.install import PEERS, install

BENCHES = ("engines", "adapters", "endtoend", "overhead", "cachehit", "priority", "scale", "gpu")
SECONDS = {"scale": 20.0, "priority": 15.0, "overhead": 4.0}


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
    peers.add_argument("names", nargs="*", choices=[*PEERS, []])
    return made


def bench(name: str) -> Any:
    """Its module: ``arguments(parser)`` and ``run(given) -> Report``, a coroutine."""
    return importlib.import_module(f"benchmarks.{name}")


def everything() -> int:
    """Each in a process of its own; those that broke are named at the end."""
    commands = [[sys.executable, "-m", "benchmarks.spine"]]
    commands += [[sys.executable, "-m", "benchmarks", name] for name in BENCHES]
    broken = [" ".join(command[2:]) for command in commands if subprocess.run(command, check=False).returncode > 1]
    print("\n".join(f"broke off: {command}" for command in broken) or "all of them ran")
    return 1 if broken else 0


def main(arguments: list[str] | None = None) -> int:
    """0: done, whether or not the aims are met, which the table says; 2: it cannot run here."""
    given = parser().parse_args(arguments)
    if given.bench == "all":
        return everything()
    if given.bench == "peers":
        print("\n".join(f"{name}: {outcome}" for name, outcome in install(given.names).items()))
        return 0
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        report = runner.run(bench(given.bench).run(given))
    print(report.write().read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
