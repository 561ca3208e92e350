"""Long-running commands as processes: they end on SIGTERM, in order, with status 0."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.server import free_port
from infra.settings import Settings
from tests.streams.cli.conftest import Run


def started(*words: str, **environ: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "streams.cli", *words]
    return subprocess.Popen(
        command, env={**os.environ, **environ}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def stopped(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=40)
    return process.returncode, said


def test_kafka_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    process = started(
        "kafka", HEADRACE_STATE=str(tmp_path), HEADRACE_KAFKA__PORT=str(port), HEADRACE_CONFIG=str(tmp_path / "none")
    )
    assert process.stdout is not None
    assert f"Kafka listens on 127.0.0.1:{port}" in process.stdout.readline()
    assert stopped(process)[0] == 0


@pytest.mark.usefixtures("run")  # which names the settings' file in the environment
def test_control_says_that_it_is_ready_and_stops(settings: Settings) -> None:
    process = started("control")
    mark, deadline = settings.state / "ready" / "control", time.monotonic() + 60
    while not mark.exists():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert mark.read_text() == str(process.pid)
    status, said = stopped(process)
    assert (status, "Traceback" in said) == (0, False), said
    assert not mark.exists()


def test_a_gateway_without_a_key_says_what_to_do(run: Run) -> None:
    assert run("topics", "create").exit_code == 0
    process = started("gateway")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "'headrace up' makes one" in said
    assert "Traceback" not in said
