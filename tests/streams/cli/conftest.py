"""The command line against the shared Kafka, with settings in a file of the test's own."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from infra.settings import Settings
from streams.cli import main

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """``run("keys", "list")`` in this process."""
    file = tmp_path / "headrace.yaml"
    content = settings.model_dump(mode="json", exclude_defaults=True)
    content["redis"]["url"] = settings.redis.address
    file.write_text(yaml.safe_dump(content))
    monkeypatch.setenv("HEADRACE_CONFIG", str(file))

    def run(*words: str, given: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, list(words), input=given, catch_exceptions=False)

    return run
