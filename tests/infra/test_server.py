import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from infra import server
from infra.kafka import EmbeddedKafka
from infra.server import LOOPBACK, Server, free_port
from infra.valkey import EmbeddedValkey
from schemas.errors import Unavailable


class Quitter(Server):
    """It says why and ends at once."""

    name = "Quitter"
    port_setting = "HEADRACE_QUITTER"

    def command(self) -> list[str]:
        return [sys.executable, "-c", "raise SystemExit('no luck today')"]


@pytest.mark.parametrize("kind", [EmbeddedKafka, EmbeddedValkey])
def test_a_taken_port_is_named_with_its_setting(kind: type[Server], tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind((LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Unavailable, match=rf"port {port} is taken.*{kind.port_setting}"):
            kind(tmp_path, port).start()


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "FREE_BYTES", 2**62)
    with pytest.raises(Unavailable, match=r"MiB free at .* needed"):
        EmbeddedValkey(tmp_path, free_port()).start()


def test_what_a_failed_server_said_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"(?s)did not start.*quitter\.log.*no luck today"):
        Quitter(tmp_path, free_port()).start()


def test_the_server_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib; from infra.valkey import EmbeddedValkey\n"
        "one = EmbeddedValkey(pathlib.Path(sys.argv[1]), int(sys.argv[2])); one.start()\n"
        "print(one.pid, flush=True); one.wait()"
    )
    command = [sys.executable, "-c", script, str(tmp_path), str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.name().startswith("valkey")
        os.kill(parent.pid, signal.SIGKILL)
    assert_ends(child)


def assert_ends(process: psutil.Process, timeout_s: float = 10) -> None:
    deadline = time.monotonic() + timeout_s
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, f"{process} still runs"
        time.sleep(0.05)
