"""``headrace up`` on this machine: what it starts, says, restarts, keeps and leaves behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

import psutil
import pytest

from infra.server import free_port

MANIFEST = "models:\n  echo: {engine: echo}\n"
BOOT_S = 120.0


class Up:
    """One ``headrace up`` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gateway, self.kafka, self.valkey = free_port(), free_port(), free_port()
        (folder / "models.yaml").write_text(MANIFEST)
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HEADRACE_")},
            "HEADRACE_MODELS_FILE": str(folder / "models.yaml"),
            "HEADRACE_GATEWAY__PORT": str(self.gateway),
            "HEADRACE_KAFKA__PORT": str(self.kafka),
            "HEADRACE_REDIS__PORT": str(self.valkey),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "out").open("wb") as out, (self.folder / "err").open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams.cli", "up"], cwd=self.folder, env=self.env, stdout=out, stderr=err
            )
        self.until(lambda: "Headrace is ready" in self.said("out"))

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + BOOT_S
        while not holds():
            assert self.process is not None
            assert self.process.poll() is None, self.said("err")
            assert time.monotonic() < deadline, self.said("err")
            time.sleep(0.2)

    def said(self, stream: str) -> str:
        return (self.folder / stream).read_text()

    def children(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def child(self, words: str) -> psutil.Process:
        return next(child for child in self.children() if words in " ".join(child.cmdline()))

    def stop(self, number: int = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def ask(self, text: str) -> str:
        body = {"model": "echo", "messages": [{"role": "user", "content": text}]}
        key = (self.folder / ".headrace" / "api-key").read_text().strip()
        request = Request(
            f"http://127.0.0.1:{self.gateway}/v1/chat/completions",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        with urlopen(request, timeout=60) as response:
            answer: str = json.load(response)["choices"][0]["message"]["content"]
            return answer


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    made = Up(tmp_path)
    yield made
    if made.process and made.process.poll() is None:
        made.stop()


@pytest.mark.timeout(400)
def test_it_starts_answers_revives_stops_and_starts_again(up: Up) -> None:
    up.start()
    said = up.said("out")
    key = (up.folder / ".headrace" / "api-key").read_text().strip()
    assert key in said
    assert str(up.gateway) in said
    assert str(up.kafka) in said
    assert (up.folder / ".headrace" / "api-key").stat().st_mode & 0o777 == 0o600
    assert "你好" in up.ask("你好 headrace")

    # a child that dies comes back
    worker = up.child("worker text")
    worker.kill()
    up.until(lambda: "worker-text runs again" in up.said("err"))
    assert "again" in up.ask("once again")

    # another one in the same folder is refused, and told what to do
    other = subprocess.run(
        [sys.executable, "-m", "streams.cli", "up"],
        cwd=up.folder,
        env=up.env,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert other.returncode == 3
    assert "another 'headrace up'" in other.stderr

    # Ctrl-C leaves nothing running, in order
    children = up.children()
    assert len(children) >= 5
    assert up.stop() == 0
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)

    # the second time keeps keys and answers on
    up.start()
    assert (up.folder / ".headrace" / "api-key").read_text().strip() == key
    assert "still" in up.ask("still here")
    assert up.stop(signal.SIGTERM) == 0


@pytest.mark.timeout(200)
def test_children_die_with_it_however_it_dies(up: Up) -> None:
    up.start()
    children = up.children()
    assert up.process is not None
    up.process.kill()
    up.process.wait()
    gone, alive = psutil.wait_procs(children, timeout=40)
    assert (alive, len(gone)) == ([], len(children))


def test_a_taken_port_is_named_with_who_has_it(up: Up) -> None:
    with closing(socket.create_server(("127.0.0.1", up.kafka))):
        done = subprocess.run(
            [sys.executable, "-m", "streams.cli", "up"],
            cwd=up.folder,
            env=up.env,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 3
    assert re.search(rf"port {up.kafka}, which Kafka needs, is taken by \S+ \(pid {os.getpid()}\)", done.stderr)
    assert "HEADRACE_KAFKA__PORT" in done.stderr
