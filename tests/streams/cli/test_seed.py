"""What a deployment begins with, and what is said before and after it has begun."""

import json
import re
import shutil
from pathlib import Path

import pytest

from infra.policies import default_policy
from infra.settings import Settings
from schemas.errors import Unavailable
from schemas.policies import document_version
from schemas.registry import Policy
from streams.cli.keys import current, publish
from streams.cli.log import events
from streams.cli.seed import seed
from streams.cli.up import alone, check_space, commands
from streams.cli.welcome import welcome
from workers.models.manifest import Manifest


async def test_a_second_time_changes_nothing(settings: Settings) -> None:
    first = await seed(settings)
    assert await seed(settings) == first
    keys = await current(settings)
    assert sorted(key.scopes for key in keys.values()) == [("gateway",), ("requests", "files", "feedback")]
    (policy,) = await events(settings, "policies", Policy.model_validate_json)
    assert policy.version == document_version(default_policy())
    for name in ("api-key", "gateway-key", "master-key"):
        assert (settings.state / name).stat().st_mode & 0o777 == 0o600


async def test_a_revoked_key_is_replaced(settings: Settings) -> None:
    first = await seed(settings)
    (key,) = [key for key in (await current(settings)).values() if "requests" in key.scopes]
    await publish(settings, key.model_copy(update={"revoked": True}))
    second = await seed(settings)
    assert second != first
    assert (settings.state / "api-key").read_text().strip() == second


async def test_a_key_of_another_master_key_is_replaced(settings: Settings) -> None:
    first = await seed(settings)
    (settings.state / "master-key").write_text("7c" * 32)
    assert await seed(settings) != first


def test_one_folder_has_one_up(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(Unavailable, match="another 'headrace up'"), alone(tmp_path):
        pass
    with alone(tmp_path):
        pass


def test_a_full_disk_is_told_before_the_first_start_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(Unavailable, match=r"1\.0 GB are free .*, 3 GB are needed: make room, or set HEADRACE_STATE"):
        check_space(tmp_path)
    (tmp_path / "kafka").mkdir()
    check_space(tmp_path)


def test_processes_follow_the_manifest() -> None:
    names = [name for name, _ in commands(Manifest.load())]
    assert names == ["control", "worker-text-embed", "worker-vision", "worker-training", "gateway"]
    echo = Manifest.model_validate({"models": {"echo": {"engine": "echo"}}})
    assert commands(echo)[1] == ("worker-text", ["worker", "text"])


def test_what_is_to_be_pasted_is_whole(settings: Settings) -> None:
    text = welcome(settings, "hr-a-b", "echo", "try-1", "headrace")
    assert not re.search(r"\{[a-z_]+\}", text)
    bodies = re.findall(r"-d '(\{.*?\})'\n", text, re.DOTALL) + re.findall(r"echo '(\{.*?\})' ", text)
    assert len(bodies) == 4
    assert all(isinstance(json.loads(body), dict) for body in bodies)
    assert text.count("hr-a-b") >= 5
    assert f"{settings.kafka.prefix}.requests" in text
