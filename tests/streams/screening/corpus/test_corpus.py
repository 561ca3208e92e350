"""The corpus as a whole: labels, counts, variety, and nobody's data."""

from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from streams.screening.corpus import corpus
from streams.screening.corpus.corpus import HELD_OUT, LABELS, Example, examples, held_out
from streams.screening.personal.credit_card import CREDIT_CARD
from streams.screening.personal.id_cn import ID_CN
from streams.screening.personal.phone import PHONE
from streams.screening.personal.ssn import SSN

TEXTS, APART = examples(), held_out()
LANGUAGES = ("zh", "en")
FEWEST = 180
SHARED = 0.02  # of the runs of eight characters (Chinese) or words (English) of the smaller source


def counted(found: list[Example]) -> Counter[tuple[str, str]]:
    return Counter((label, each.language) for each in found for label in each.labels or ("ORDINARY",))


def runs(each: Example) -> set[str]:
    parts = list(each.text) if each.language == "zh" else each.text.lower().split()
    return {"\0".join(parts[at : at + 8]) for at in range(len(parts) - 7)}


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def test_labels_and_languages_are_known() -> None:
    assert {label for each in TEXTS for label in each.labels} == set(LABELS)
    assert {each.language for each in TEXTS} == set(LANGUAGES)
    assert [each.text for each in TEXTS + APART if each.text != each.text.strip() or len(each.text) < 2] == []


def test_no_choice_is_left_open() -> None:
    assert [each.text for each in TEXTS + APART if "{|" in each.text] == []


def test_no_text_is_said_twice() -> None:
    bare = Counter("".join(each.text.lower().split()) for each in TEXTS + APART)
    assert [text for text, times in bare.items() if times > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_enough_of_each(language: str) -> None:
    counts = counted(TEXTS)
    assert {label: counts[label, language] for label in LABELS if counts[label, language] < FEWEST} == {}
    ordinary, all_of_it = counts["ORDINARY", language], sum(each.language == language for each in TEXTS)
    assert 0.35 < ordinary / all_of_it < 0.65


def test_sources_differ() -> None:
    by_source: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for each in TEXTS + APART:
        by_source[each.language, each.source] |= runs(each)
    alike = {
        (one, other): share
        for one, other in combinations(sorted(by_source), 2)
        if one[0] == other[0]
        and (share := len(by_source[one] & by_source[other]) / min(len(by_source[one]), len(by_source[other]))) > SHARED
    }
    assert alike == {}


def test_most_chinese_texts_are_chinese() -> None:
    chinese = [is_chinese(each.text) for each in TEXTS if each.language == "zh"]
    assert sum(chinese) / len(chinese) > 0.95


def test_the_texts_hold_nobodys_numbers() -> None:
    found = [each.text for each in TEXTS + APART for rules in (PHONE, CREDIT_CARD, ID_CN, SSN) if rules.find(each.text)]
    assert found == []


def test_what_is_held_out_stays_out() -> None:
    assert {each.source for each in APART} == {HELD_OUT}
    assert HELD_OUT not in {each.source for each in TEXTS}


def test_the_data_sheet_describes_every_source() -> None:
    sheet = Path(corpus.__file__).with_name("README.md").read_text()
    assert {each.source for each in TEXTS + APART if f"| `{each.source}` |" not in sheet} == set()


def test_the_data_sheet_counts_right() -> None:
    sheet = Path(corpus.__file__).with_name("README.md").read_text()
    trained, apart = counted(TEXTS), counted(APART)
    rows = [
        f"| {label} | " + " | ".join(str(each[label, language]) for each in (trained, apart) for language in LANGUAGES)
        for label in (*LABELS, "ORDINARY")
    ]
    assert [row for row in rows if row not in sheet] == []
