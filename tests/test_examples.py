"""The examples do what they say, against real processes on a real log."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from infra.kafka.jars import classpath
from infra.kafka.server import java
from infra.settings import Settings
from streams.cli.seed import seed
from streams.supervisor import Process, Supervisor
from tests.conftest import MakeSettings

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def platform(make_settings: MakeSettings, tmp_path: Path) -> Iterator[tuple[Settings, dict[str, str]]]:
    """Control and a worker that echoes, as ``headrace up`` runs them; and what a client's environment needs."""
    models = tmp_path / "models.yaml"
    models.write_text("models:\n  smollm2-135m: {engine: echo}\n")
    settings = make_settings(models_file=models)
    content = settings.model_dump(mode="json", exclude_defaults=True)
    content["redis"]["url"] = settings.redis.address
    file = tmp_path / "headrace.yaml"
    file.write_text(yaml.safe_dump(content))
    env = {**os.environ, "HEADRACE_CONFIG": str(file)}
    processes = [
        Process(words.replace(" ", "-"), words.split(), settings.state, env) for words in ("control", "worker text")
    ]
    supervisor = Supervisor(print)
    try:
        supervisor.start(*processes)
        supervisor.await_all(lambda: [process.name for process in processes if not process.ready], 90)
        yield settings, {**env, "BOOTSTRAP": settings.kafka.servers, "PREFIX": settings.kafka.prefix}
    finally:
        supervisor.stop()


def run(env: dict[str, str], *command: str | Path) -> str:
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(240)
async def test_python_examples(platform: tuple[Settings, dict[str, str]]) -> None:
    settings, env = platform
    assert "什么是 headrace" in run(env, sys.executable, EXAMPLES / "publish.py", "什么是 headrace?")

    key = await seed(settings)
    signed = run({**env, "HEADRACE_API_KEY": key}, sys.executable, EXAMPLES / "sign.py", "总结一下").strip()
    deadline = time.monotonic() + 60
    lines: list[str] = []
    while not any("release completed" in line for line in lines):
        audit = run(env, sys.executable, EXAMPLES / "read_audit.py", "--end")
        lines = [line for line in audit.splitlines() if signed in line]
        assert time.monotonic() < deadline, audit
    assert any("admission admitted" in line for line in lines)

    if shutil.which("javac"):
        jars = os.pathsep.join(map(str, classpath()))
        out = settings.state / "java"
        run(env, "javac", "-encoding", "UTF-8", "-cp", jars, "-d", out, EXAMPLES / "Publish.java")
        said = run(env, java(), "-cp", f"{out}{os.pathsep}{jars}", "Publish", "hello from Java")
        assert "hello from Java" in said


@pytest.mark.skipif(not shutil.which("node"), reason="no node on this machine")
def test_the_node_example_is_sound() -> None:
    run(dict(os.environ), "node", "--check", EXAMPLES / "publish.mjs")
