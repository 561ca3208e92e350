"""The audit log of a real platform by its commands: verified, proved, counted, told, exported, reported."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from pyarrow.parquet import read_table, write_table

from infra.settings import Settings
from streams.audit.live import LiveLog
from streams.audit.process import checkpointing
from streams.cli import main
from tests.conftest import MakeSettings
from tests.pipeline.deployment import Platform, platform
from tests.waiting import until

COUNT = 12
MODELS = """\
models:
  echo: {engine: echo, context: 100000}
  vectors: {engine: hash-embedding}
  reader: {engine: ocr}
"""


@dataclass
class Ground:
    platform: Platform
    settings: Settings
    signed: Callable[[], dict[int, int]]

    async def run(self, *words: str, given: str | None = None) -> Result:
        """``headrace audit …`` beside the platform."""
        runner = CliRunner()
        return await asyncio.to_thread(runner.invoke, main, ["audit", *words], input=given, catch_exceptions=False)

    async def all_signed(self) -> None:
        log = LiveLog(self.settings.kafka)
        sizes = await asyncio.to_thread(lambda: {each: log.bounds(each)[1] for each in log.partitions()})
        await until(lambda: all(self.signed().get(each, 0) >= size for each, size in sizes.items()))


@pytest.fixture
async def deployment(
    make_settings: MakeSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Ground]:
    models = tmp_path / "models.yaml"
    models.write_text(MODELS)
    settings = make_settings(models_file=models, audit={"head_records": 10, "head_s": 0.2})
    content = settings.model_dump(mode="json", exclude_defaults=True)
    content["redis"]["url"] = settings.redis.address
    (tmp_path / "headrace.yaml").write_text(yaml.safe_dump(content))
    monkeypatch.setenv("HEADRACE_CONFIG", str(tmp_path / "headrace.yaml"))
    async with platform(settings, {}) as made, checkpointing(settings, made.outbox) as [agent]:
        for number in range(COUNT):
            await made.ask(f"question {number} 你好")
        yield Ground(made, settings, lambda: agent.signed)


async def test_the_log_proves_itself(deployment: Ground, tmp_path: Path) -> None:
    await deployment.all_signed()
    keys = tmp_path / "keys.json"
    keys.write_text((await deployment.run("keys")).output)

    live = await deployment.run("verify", "--keys", str(keys), "--json")
    assert live.exit_code == 0, live.output
    assert {each["good"] for each in json.loads(live.output)} == {True}

    request = json.loads(deployment.platform.records["audit"][-1].value or b"{}")["request_id"]
    await deployment.all_signed()
    cases = await deployment.run("prove", request)
    assert cases.exit_code == 0, cases.output
    assert (await deployment.run("check-proof", given=cases.output)).exit_code == 0
    forged = cases.output.replace('"index":', '"index":1')
    assert (await deployment.run("check-proof", given=forged)).exit_code == 1

    case = await deployment.run("consistency", "1", "3")
    assert (await deployment.run("check-proof", given=case.output)).exit_code == 0
    assert (await deployment.run("consistency", "3", "1")).exit_code == 1
    assert (await deployment.run("prove", "nobody")).exit_code == 1


async def test_every_request_came_to_one_end(deployment: Ground) -> None:
    await asyncio.sleep(1.5)  # offsets are committed by and by
    done = await deployment.run("complete", "--json")
    findings = json.loads(done.output)

    assert done.exit_code == 0, done.output
    assert findings["requests"] >= COUNT
    assert findings["ended"] == findings["requests"]
    assert (findings["undecided"], findings["twice"], findings["endless"]) == ([], [], [])


async def test_the_story_of_a_request(deployment: Ground) -> None:
    request = json.loads(deployment.platform.records["audit"][-1].value or b"{}")["request_id"]
    told = await deployment.run("show", request, "--json")

    actions = [chapter["action"] for chapter in json.loads(told.output)]
    assert actions == ["admission", "release"]
    assert "release: completed" in (await deployment.run("show", request)).output
    assert (await deployment.run("show", "nobody")).exit_code == 1
    reads = [json.loads(record.value or b"{}") for record in deployment.platform.records["audit"]]
    assert "request" in {each["decisions"][0]["code"] for each in reads if each["action"] == "access"}


async def test_an_export_is_checked_like_the_log(deployment: Ground, tmp_path: Path) -> None:
    await deployment.all_signed()
    keys, folder = tmp_path / "keys.json", tmp_path / "archive"
    keys.write_text((await deployment.run("keys")).output)
    assert (await deployment.run("export", str(folder))).exit_code == 0
    await deployment.platform.ask("one more")
    await deployment.all_signed()
    assert (await deployment.run("export", str(folder))).exit_code == 0

    checked = await deployment.run("verify", "--export", str(folder), "--keys", str(keys), "--signatures", "--json")
    assert checked.exit_code == 0, checked.output
    parts = sorted(folder.rglob("*.parquet"))
    rows = [row for part in parts for row in read_table(part).to_pylist()]
    assert {"admission", "release"} <= {row["action"] for row in rows}
    assert sum(each["end"] for each in json.loads(checked.output)) == len(rows)

    part = parts[0]
    data = read_table(part)
    changed = data.set_column(data.schema.get_field_index("value"), "value", [[b"{}", *data["value"].to_pylist()[1:]]])
    write_table(changed.cast(data.schema), part)
    damaged = await deployment.run("verify", "--export", str(folder), "--keys", str(keys), "--json")
    assert damaged.exit_code == 1
    found = [damage for each in json.loads(damaged.output) for damage in each["damage"]]
    assert [(each["kind"], each["offset"]) for each in found] == [("changed", data["offset"][0].as_py())]


def tailed(output: Path) -> list[str]:
    """The admissions that a tail showed; a line that was cut off by a kill is none."""
    found = []
    for line in output.read_text().splitlines() if output.exists() else ():
        with suppress(json.JSONDecodeError):
            audit = json.loads(line)["value"]
            assert audit["action"] == "admission"
            found.append(audit["request_id"])
    return found


async def test_a_tail_goes_on_where_it_was_killed(deployment: Ground, tmp_path: Path) -> None:
    output, position = tmp_path / "out", tmp_path / "position.json"
    words = [
        "tail",
        "--filter",
        "action=admission",
        "--since",
        "earliest",
        "--resume",
        str(position),
        "--json",
    ]

    async def killed_after(count: int) -> None:
        with output.open("ab") as out:
            command = (sys.executable, "-m", "streams.cli", "audit", *words)
            process = await asyncio.create_subprocess_exec(*command, stdout=out, cwd=DOCS.parent)
        try:
            await until(lambda: len(set(tailed(output))) >= count and position.exists(), 60)
        finally:
            process.kill()
            await process.wait()

    await killed_after(COUNT)
    seen = set(tailed(output))
    more = len(seen) + 5
    for number in range(5):
        await deployment.platform.ask(f"while nobody looked {number}")
    await killed_after(more)
    said = [json.loads(record.value or b"{}") for record in deployment.platform.records["audit"]]
    assert set(tailed(output)) == {each["request_id"] for each in said if each["action"] == "admission"}
    assert len(tailed(output)) < 2 * more  # it did not begin anew

    position.write_text("{}")
    assert (await deployment.run(*words)).exit_code == 1


DOCS = Path(__file__).parents[2] / "docs"


def five_commands(page: str) -> list[str]:
    """The block of commands that begins with an environment of one's own."""
    text = (DOCS / page).read_text()
    start = text.index("python -m venv check")
    return text[start : text.index("```", start)].splitlines()


@pytest.mark.parametrize("page", ["audit.md", "audit.zh-CN.md"])
async def test_a_third_party_checks_as_the_documentation_says(deployment: Ground, tmp_path: Path, page: str) -> None:
    """Without Kafka, with what the operator gave. The two commands before these install, as in any environment."""
    await deployment.all_signed()
    (tmp_path / "audit-keys.json").write_text((await deployment.run("keys")).output)
    assert (await deployment.run("export", str(tmp_path / "archive"))).exit_code == 0
    request = json.loads(deployment.platform.records["audit"][0].value or b"{}")["request_id"]
    (tmp_path / "cases.jsonl").write_text((await deployment.run("prove", request)).output)
    head = next((tmp_path / "archive").glob("*/*/*/checkpoint"))
    (tmp_path / "kept-head.txt").write_bytes(head.read_bytes())
    (tmp_path / "check" / "bin").mkdir(parents=True)
    (tmp_path / "check" / "bin" / "headrace").symlink_to(Path(sys.executable).with_name("headrace"))

    make, install, *checks = five_commands(page)
    assert (make, install, len(checks)) == ("python -m venv check", "check/bin/pip install '.[audit]'", 3)
    nowhere = {"PATH": os.environ["PATH"], "HEADRACE_CONFIG": "none.yaml", "HEADRACE_KAFKA__BOOTSTRAP": "127.0.0.1:1"}
    for command in checks:
        done = await asyncio.to_thread(pasted, command, tmp_path, nowhere)
        assert done.returncode == 0, done.stdout + done.stderr
    text = head.read_text()
    (tmp_path / "kept-head.txt").write_text(text.replace(text.splitlines()[1], "1", 1))
    assert (await asyncio.to_thread(pasted, checks[1], tmp_path, nowhere)).returncode == 1


def pasted(command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


async def test_each_record_says_when_where_who_and_what(deployment: Ground) -> None:
    """OWASP ASVS 5.0, 16.2; and nothing of what was said."""
    records = deployment.platform.records["audit"]
    for record in records:
        audit = json.loads(record.value or b"")
        assert datetime.fromisoformat(audit["time"]).utcoffset() == timedelta()
        assert all(audit[name] for name in ("id", "actor", "action", "request_id", "decisions"))
        assert audit["action"] == "start" or {"topic", "partition", "offset"} <= audit["source"].keys()
        assert all(decision["stage"] and decision["outcome"] for decision in audit["decisions"])
        assert "question" not in (record.value or b"").decode()
    assert {"admission", "release"} <= {json.loads(record.value or b"")["action"] for record in records}


@pytest.mark.parametrize("form", ["jsonl", "ocsf", "elasticsearch"])
async def test_other_forms(deployment: Ground, form: str) -> None:
    done = await deployment.run("export", "--format", form, "--since", "1h")

    lines = [json.loads(line) for line in done.output.splitlines()]
    assert len(lines) >= COUNT


async def test_a_report(deployment: Ground) -> None:
    made = json.loads((await deployment.run("report", "--format", "json")).output)

    assert made["by_action"]["release: completed"] >= COUNT
    assert (await deployment.run("report")).output.startswith("# Audit from")
    assert (await deployment.run("report", "--format", "html")).output.startswith("<!doctype html>")
    assert (await deployment.run("report", "--from", "2026-01-02", "--to", "2026-01-01")).exit_code == 2
