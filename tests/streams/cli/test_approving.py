"""``headrace policy``: what a change would do, and two people to loosen."""

import json
from pathlib import Path

import pytest
import yaml

from infra.policies import DEFAULT
from infra.settings import Settings
from tests.streams.cli.conftest import Run
from tests.streams.cli.test_rescreening import CARD, written


def live(run: Run) -> str:
    return str(json.loads(run("policy", "show", "--json").output)["version"])


def test_loosening_takes_two_people(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("topics", "create")
    keys = {name: run("policy", "signer", name).output for name in ("ann", "bob", "eve")}
    approvers = {name: yaml.safe_load(keys[name])["screening"]["approvers"][name] for name in ("ann", "bob")}
    monkeypatch.setenv("HEADRACE_SCREENING__APPROVERS", json.dumps(approvers))
    looser, stricter = tmp_path / "looser.yaml", tmp_path / "stricter.yaml"
    looser.write_text(DEFAULT.read_text().replace("EMAIL: local_only", "EMAIL: flag"))
    stricter.write_text(DEFAULT.read_text().replace("EMAIL: local_only", "EMAIL: block"))

    refused = run("policy", "apply", str(looser))
    assert refused.exit_code == 1
    assert "takes two people" in refused.output
    assert "screening.actions.prompt.EMAIL: local_only → flag" in refused.output

    shipped = live(run)
    assert run("policy", "propose", str(looser), "--as", "eve").exit_code == 1
    proposed = run("policy", "propose", str(looser), "--as", "ann").output
    version = proposed.split("proposed as ")[1].split(":")[0]
    assert live(run) == shipped
    again = run("policy", "approve", version, "--as", "ann")
    assert (again.exit_code, "another person" in again.output) == (1, True)
    assert run("policy", "approve", "ffffffffffff", "--as", "bob").exit_code == 1
    approved = run("policy", "approve", version, "--as", "bob").output
    assert "- screening.actions.prompt.EMAIL: local_only → flag" in approved
    assert live(run) == version

    assert "is live as version" in run("policy", "apply", str(stricter)).output  # at once
    assert live(run) != version
    stale = run("policy", "approve", version, "--as", "bob")  # what was approved then is not approved now
    assert stale.exit_code == 1
    assert live(run) != version


def test_a_dry_run_tells_what_would_change(run: Run, settings: Settings, tmp_path: Path) -> None:
    run("topics", "create")
    written(settings)
    policy, requests = tmp_path / "policy.yaml", tmp_path / "requests.jsonl"
    policy.write_text("name: x\nscreening: {actions: {prompt: {CREDIT_CARD: block}}}\nrouting: {default: echo}\n")
    requests.write_text(json.dumps({"id": "a", "text": CARD}) + "\n")
    shown = run("policy", "check", str(policy), "--against", str(requests)).output
    assert "1 of 1 requests would be treated otherwise" in shown
    assert "none    redact  block  1         a" in shown
    said = json.loads(run("policy", "check", str(policy), "--last", "100", "--json").output)
    assert said == {
        "seen": 2,
        "unread": 1,
        "changes": [{"tenant": "local", "now": "redact", "then": "block", "requests": 1, "examples": ["r0"]}],
        "loosens": said["loosens"],
    }
    assert "screening.actions.prompt.EMAIL: local_only → allow" in said["loosens"]
    one = json.loads(run("policy", "check", str(policy), "--last", "1", "--json").output)
    assert one["seen"] + one["unread"] == 1
    same = run("policy", "check", str(policy), "--last", "100", "--old", str(policy)).output
    assert "0 of 2 requests would be treated otherwise, 1 could not be read" in same
