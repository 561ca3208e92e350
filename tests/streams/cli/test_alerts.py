"""``headrace alerts`` on the command line."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from tests.streams.alerts.making import document, rule
from tests.streams.cli.conftest import Run


class Handler(BaseHTTPRequestHandler):
    status = 204

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def file(tmp_path: Path, server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADRACE_ALERTS__HOSTS", '["127.0.0.1"]')
    channels = {"ops": {"kind": "webhook", "url": f"http://127.0.0.1:{server.server_port}/"}}
    path = tmp_path / "alerts.yaml"
    path.write_text(yaml.safe_dump(document(rule(), channels=channels).model_dump(mode="json")))
    return path


def test_check(run: Run, file: Path) -> None:
    assert "is sound: alerts 'test', 1 rules to ops" in run("alerts", "check", str(file)).output


def test_check_tells_hosts_that_are_not_allowed(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADRACE_ALERTS__HOSTS", "[]")
    result = run("alerts", "check", str(file))
    assert result.exit_code == 1
    assert "alerts.hosts" in result.output


def test_a_channel_is_tried(run: Run, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("alerts", "test", "ops", "--file", str(file)).output == "ops took it\n"
    monkeypatch.setattr(Handler, "status", 500)
    failed = run("alerts", "test", "ops", "--file", str(file))
    assert (failed.exit_code, "status 500" in failed.output) == (1, True)
    assert run("alerts", "test", "nobody", "--file", str(file)).exit_code == 1


def test_without_a_file_it_is_told_how_to_name_one(run: Run) -> None:
    assert "HEADRACE_ALERTS__FILE" in run("alerts", "test", "ops").output
    assert "HEADRACE_ALERTS__FILE" in run("alerts", "run").output
