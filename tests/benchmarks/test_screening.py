"""How finds are counted, and that labelled texts are what their labels say."""

import pytest

from benchmarks.labelled import texts
from benchmarks.labelled.credentials import ISSUED
from benchmarks.labelled.hiding import HIDINGS
from benchmarks.labelled.texts import Text
from benchmarks.labelled.values import KINDS, Values
from benchmarks.screening import score

SPAN = Text("ring 555", ((5, 8),), ("PHONE",))


@pytest.mark.parametrize(
    ("given", "found", "expected"),
    [
        ([SPAN], [[(5, 8)]], {"recall": 1, "precision": 1}),
        ([SPAN], [[(0, 6)]], {"recall": 1, "precision": 1}),  # it overlaps
        ([SPAN], [[(0, 5)]], {"recall": 0, "precision": 0}),  # beside it
        ([SPAN], [[]], {"recall": 0}),  # nothing was found, so there is no precision
        ([SPAN, SPAN], [[(5, 8), (0, 2)], []], {"recall": 0.5, "precision": 0.5}),
        ([Text("a"), Text("b")], [[(0, 1)], []], {"alarms": 0.5}),
        ([Text("a")], [[(0, 1), (0, 1)]], {"alarms": 1}),  # a text alarms once
    ],
)
def test_finds_are_counted(given: list[Text], found: list[list[tuple[int, int]]], expected: dict[str, float]) -> None:
    counted = score(given, found)
    assert {name: counted[name] for name in ("recall", "precision", "alarms") if name in counted} == expected


@pytest.mark.parametrize("name", ["personal_en", "personal_zh", "lookalike_en", "lookalike_zh"])
def test_templates_are_filled_and_their_spans_are_the_values(name: str) -> None:
    for text in texts.filled(name, 2, seed=7):
        assert "{" not in text.text
        assert all(text.text[start:end].strip() for start, end in text.spans)
        assert len(text.spans) == len(text.kinds)


def test_the_same_seed_gives_the_same_texts() -> None:
    assert texts.digest(texts.hidden(3)) == texts.digest(texts.hidden(3)) != texts.digest(texts.hidden(4))


def test_every_kind_of_value_can_be_made() -> None:
    values = Values(1)
    assert all(values.make(kind) for kind in KINDS)
    assert all(make(values) for make in ISSUED.values())


def test_each_way_of_hiding_changes_what_it_hides() -> None:
    for way, hide in HIDINGS.items():
        hidden = [hide(value) for value in ("13800138000", "ann@example.com")]
        assert any(hidden), way
        assert not {"13800138000", "ann@example.com"} & set(hidden), way


def test_harmful_lines_have_a_label() -> None:
    known = {"VIOLENCE", "HATE", "EXTREMISM", "SELF_HARM", "SEXUAL", "ILLEGAL"}
    for language in ("en", "zh"):
        assert {kind for text in texts.harmful(language) for kind in text.kinds} == known
