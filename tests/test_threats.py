"""What the table of threats names as proof is there, in both languages alike."""

import re
from pathlib import Path

import pytest

from tests.test_docs import ROOT, skeleton

DOCUMENTS = [ROOT / "docs" / name for name in ("threats.md", "threats.zh-CN.md")]
ROW = re.compile(r"^\| (LLM\d\d) .*\| ([^|]+) \|$", re.MULTILINE)
PATH = re.compile(r"`(tests/[\w/]+\.py)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_threat_has_tests_that_are_there(document: Path) -> None:
    rows = ROW.findall(document.read_text())
    assert [threat for threat, _ in rows] == [f"LLM{number:02}" for number in range(1, 11)]
    for threat, proof in rows:
        paths = PATH.findall(proof)
        assert paths, threat
        assert [path for path in paths if "def test_" not in (ROOT / path).read_text()] == []


def test_both_languages_say_the_same() -> None:
    english, chinese = (document.read_text() for document in DOCUMENTS)
    assert skeleton(english) == skeleton(chinese)
    assert ROW.findall(english) == [(threat, proof.replace("、", ", ")) for threat, proof in ROW.findall(chinese)]
    assert set(re.findall(r"`abuse\.\w+`", english)) == set(re.findall(r"`abuse\.\w+`", chinese))
