"""Child processes that never outlive their parent.

This file is also the trampoline that each child starts in, so it imports the standard library alone.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def spawn(command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Run a command (an absolute path first) that gets SIGTERM when the calling process ends, however it ends.

    It is in a process group of its own, so a Ctrl-C reaches only the parent, which stops its children in order.
    The kernel watches the thread that called: call from one that stays, such as the main thread.
    """
    trampoline = [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]
    with log.open("ab") as output:
        return subprocess.Popen(
            trampoline, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=env, process_group=0
        )


def become(parent: int, command: list[str]) -> None:
    """Tie this process to its parent and turn into the command (prctl(2); other systems have no such tie)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() == parent:
        os.execv(command[0], command)


if __name__ == "__main__":
    become(int(sys.argv[1]), sys.argv[2:])
