"""``headrace screening train``, and the settings that use what it made."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from infra.settings import ScreeningSettings
from schemas.errors import BadArtefact
from schemas.policies import ScreeningPolicy
from schemas.screening import Action
from streams.cli import main
from streams.screening.learned.linear import LinearClassifier
from streams.screening.learned.selection import classifiers
from streams.screening.screener import Screener

POLICY = ScreeningPolicy.model_validate({"actions": {"prompt": {"harm": "block"}}})
SOURCES = ("forum", "mail")


def labelled(file: Path) -> Path:
    calm = ("{} asks where the key is", "does {} like the soup", "{} drew the house", "the river is near {}")
    ours = ("{} sells coins of the club", "buy coins from {} today", "coins of the club, ask {}", "{} has cheap coins")
    names = ("ann", "bob", "chris", "dora", "emil", "franz", "gina", "hugo")
    lines = [
        {"text": text.format(name), "labels": labels, "source": SOURCES[number % 2], "language": "en"}
        for texts, labels in ((calm, []), (ours, ["COINS"]))
        for number, text in enumerate(texts)
        for name in names
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return file


def run(folder: Path, *words: str) -> Result:
    options = ("--output", str(folder), "--key", str(folder / "key"))
    return CliRunner().invoke(main, ["screening", "train", str(folder / "labelled.jsonl"), *options, *words])


def test_a_label_of_ones_own_is_learned_signed_and_blocked(tmp_path: Path) -> None:
    labelled(tmp_path / "labelled.jsonl")
    done = run(tmp_path, "--name", "coins", "--alarms", "0.1")
    assert done.exit_code == 0, done.output
    path = tmp_path / "coins.safetensors"
    assert {each.name for each in tmp_path.iterdir()} == {
        "labelled.jsonl", "key", "coins.safetensors", "coins.sig", "coins.md", "coins.report.json",
    }  # fmt: skip
    report = json.loads((tmp_path / "coins.report.json").read_text())
    assert report["sha256"] in done.output
    sheet = (tmp_path / "coins.md").read_text()
    assert "| forum | en | 32 | 16 | COINS 16 |" in sheet
    assert "or by the rules that stand beside it" in sheet

    key = json.loads((tmp_path / "coins.sig").read_text())["key"]
    screener = Screener(classifiers(ScreeningSettings(artefacts=(str(path),), trusted_keys=(key.upper(),))))
    bad, good = (
        screener.screen(text, "prompt", POLICY, "v").verdict
        for text in ("zoe sells coins of the club", "zoe asks where the soup is")
    )
    assert (bad.action, [each.entity for each in bad.findings], bad.level) == (Action.BLOCK, ["COINS"], "high")
    assert bad.findings[0].version == report["sha256"][:12]
    assert (good.action, good.findings) == (Action.ALLOW, ())


def test_what_nobody_trusts_stops_the_start_or_fails_on_every_text(tmp_path: Path) -> None:
    labelled(tmp_path / "labelled.jsonl")
    assert run(tmp_path, "--name", "coins").exit_code == 0
    path = str(tmp_path / "coins.safetensors")
    with pytest.raises(BadArtefact, match="trusted_keys does not name"):
        classifiers(ScreeningSettings(artefacts=(path,)))
    screener = Screener(classifiers(ScreeningSettings(artefacts=(path,), on_refusal="policy")))
    verdict = screener.screen("hello", "prompt", ScreeningPolicy(), "v").verdict
    assert (verdict.action, verdict.reason) == (Action.BLOCK, "block: coins failed")
    flagging = ScreeningPolicy.model_validate({"on_failure": "flag"})
    assert screener.screen("hello", "prompt", flagging, "v").verdict.measure == "flag"


def test_bad_lines_are_one_line_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "labelled.jsonl").write_text('{"text": 5}\n')
    done = run(tmp_path)
    assert done.exit_code == 1
    assert "line 1: text" in done.output
    assert not (tmp_path / "ours.safetensors").exists()


def test_an_artefact_is_named_by_its_card(tmp_path: Path) -> None:
    labelled(tmp_path / "labelled.jsonl")
    run(tmp_path, "--name", "coins")
    key = json.loads((tmp_path / "coins.sig").read_text())["key"]
    found = LinearClassifier.load(tmp_path / "coins.safetensors", {key})
    assert (found.name, found.entities) == ("coins", frozenset({"COINS"}))
