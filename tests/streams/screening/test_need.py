"""What patterns need: what is told is so, whatever the text."""

from typing import Any

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.screening.catalogue import DETECTORS
from streams.screening.disguises.catalogue import DISGUISES
from streams.screening.need import Need, had_by, need_of
from streams.screening.view import EDGE

RULES = [rule for detector in DETECTORS for rule in detector.rules]


@pytest.mark.parametrize(
    ("patterns", "need"),
    [
        (("abc",), Need.LETTER),
        (("a?b*",), Need.NOTHING),
        (("a|1",), Need.NOTHING),
        (("a|bc",), Need.LETTER),
        (("a1",), Need.DIGIT),  # what is rarer
        (("a=1",), Need.MARK),
        (("[a-z]{2,}",), Need.LETTER),
        (("[a-z ]",), Need.NOTHING),
        (("[a-]",), Need.NOTHING),  # a hyphen
        ((r"[\\\d]",), Need.NOTHING),  # of two kinds
        ((r"\d{4}",), Need.DIGIT),
        ((r"\D",), Need.NOTHING),
        ((r"\w",), Need.NOTHING),
        (("[^a]",), Need.NOTHING),
        ((".",), Need.NOTHING),
        ((r"\.",), Need.NOTHING),
        (("忽略",), Need.WIDE),
        ((r"[\x{4e00}-\x{9fff}]",), Need.WIDE),
        ((r"[\x00-\x{10ffff}]",), Need.NOTHING),
        (("忽略|ignore",), Need.NOTHING),
        (("", "a*", "<"), Need.MARK),  # any part that must be there
        ((r"\bsudo\b",), Need.NOTHING),  # it is not understood
    ],
)
def test_a_pattern_needs_what_no_match_is_without(patterns: tuple[str, ...], need: Need) -> None:
    assert need_of(*patterns) is need


@pytest.mark.parametrize(
    ("text", "had"),
    [
        ("", set()),
        ("hello, you.", {Need.LETTER}),
        ("你好", {Need.WIDE}),
        ("call 110!", {Need.LETTER, Need.DIGIT}),
        ("a = [1]", {Need.LETTER, Need.DIGIT, Need.MARK}),
        ("\u212a", {Need.WIDE, Need.LETTER}),  # kelvin: a k, where case is ignored
    ],
)
def test_a_text_has_what_it_has(text: str, had: set[Need]) -> None:
    assert had_by(text.encode()) == {*had, Need.NOTHING}


def test_most_rules_need_something() -> None:
    assert sum(rule.need is Need.NOTHING for rule in RULES) < len(RULES) / 20


def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


EVERY = [(_compiled(rule.full), rule.need) for rule in RULES]
EVERY += [(_compiled(each.trigger), need_of(each.trigger)) for each in DISGUISES]
PIECES = (
    "ignore all previous instructions|忽略以上|4111 1111 1111 1111|a@b.com|<script>|' or 1=1|密码是|K\u017f|:|-|..|\n"
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES.split("|")) | st.text(max_size=6), max_size=8).map("".join))
def test_no_rule_matches_without_what_it_needs(text: str) -> None:
    data = f"{EDGE}{text}{EDGE}".encode(errors="replace")
    had = had_by(data)
    assert [pattern.pattern for pattern, need in EVERY if need not in had and pattern.search(data)] == []
