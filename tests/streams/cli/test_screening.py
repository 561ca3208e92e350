"""``headrace screening`` as it is given on a terminal; none of this needs Kafka."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from streams.cli import main


def run(*words: str, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["screening", *words], input=given, catch_exceptions=False)


def test_scan_answers_each_line_and_ends_with_one_after_a_bad_one() -> None:
    good = run("scan", given='{"id": "a", "text": "hello"}\n')
    assert (good.exit_code, json.loads(good.stdout)) == (
        0,
        {"id": "a", "action": "allow", "level": "none", "findings": []},
    )
    bad = run("scan", given='{"id": "a"}\n{"id": "b", "text": "hello"}\n')
    assert bad.exit_code == 1
    assert [json.loads(line)["id"] for line in bad.stdout.splitlines()] == ["a", "b"]


def test_scan_under_another_policy(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("name: x\nscreening: {actions: {prompt: {EMAIL: block}}}\nrouting: {default: echo}\n")
    assert json.loads(run("scan", "--policy", str(file), given='{"text": "a@b.com"}').stdout)["action"] == "block"
    file.write_text("name: x\nscreening: {actions: {prompt: {EMIAL: block}}}\n")
    refused = run("scan", "--policy", str(file), given="")
    assert (refused.exit_code, "EMIAL is no entity" in refused.output, "routing" in refused.output) == (1, True, True)


def test_explain_shows_span_rule_and_line() -> None:
    shown = run("explain", "卡号4111111111111111。").stdout
    assert "⟦4111111111111111⟧" in shown
    assert "screening.actions.prompt.pii says redact" in shown
    assert "found by credit_card" in shown
    assert "  rule " in shown
    said = json.loads(run("explain", "-", "--json", given="卡号4111111111111111。").stdout)
    assert (said["action"], said["findings"][0]["entity"], said["findings"][0]["start"]) == ("redact", "CREDIT_CARD", 2)
    assert said["findings"][0]["why"].endswith("pii says redact")


def test_explain_lets_no_text_move_the_cursor() -> None:
    shown = run("explain", "\x1b[2J 4111111111111111").stdout
    assert "\x1b" not in shown
    assert r"\x1b" in shown


def test_eval_prints_a_table_or_json(tmp_path: Path) -> None:
    data = tmp_path / "data.jsonl"
    data.write_text('{"text": "write to a@b.com", "labels": ["EMAIL"]}\n{"text": "hello"}\n')
    shown = run("eval", str(data)).stdout
    assert "| pii |  |  |  | 1.000 [0.206, 1.000] 1/1 | 1.000 [0.206, 1.000] 1/1 | 1.000 | 0.000 " in shown
    assert "2 texts, " in shown
    said = json.loads(run("eval", str(data), "--json").stdout)
    assert said["speed"]["texts"] == 2
    assert said["rows"][0]["recall"] == {"value": 1.0, "interval": [0.2065, 1.0]}
    data.write_text("nonsense\n")
    refused = run("eval", str(data))
    assert (refused.exit_code, "line 1" in refused.output) == (1, True)
