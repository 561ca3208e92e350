import pytest
import re2

from streams.screening.catalogue import DETECTORS
from streams.screening.detector import Rule
from streams.screening.prefix import prefixes


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("abc", ["a", "ab", "abc"], ["", "b", "abcd"]),
        ("ab|cd", ["a", "c", "cd"], ["ad"]),
        ("a?b", ["a", "b", "ab"], ["aa"]),
        ("[0-9]{2}x", ["1", "12", "12x"], ["1x2"]),
        ("(?:ab){2}c", ["a", "ab", "aba", "abab", "ababc"], ["b", "ac"]),
        ("a(?:b|cd)*e", ["a", "ab", "acdb", "ac", "abe"], ["ad"]),
        (r"\[x\]", ["[", "[x", "[x]"], ["x"]),
        (r"[/\\]x", ["/", "\\x"], ["x"]),  # a backslash at the end of a class
        (r"\x00y\x{4e00}", ["\0", "\0y", "\0y一"], ["0", "y"]),
        ("x{5}", ["x" * 9], ["y"]),  # large counts are any number
    ],
)
def test_beginnings(pattern: str, yes: list[str], no: list[str]) -> None:
    regexp = re2.compile(prefixes(pattern))
    assert [each for each in yes if not regexp.fullmatch(each)] == []
    assert [each for each in no if regexp.fullmatch(each)] == []


@pytest.mark.parametrize("pattern", ["", "a|", "(a)", "^a", "a$", r"\ba", "(?:a", "a)", "*a"])
def test_what_is_not_understood_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        prefixes(pattern)


@pytest.mark.parametrize("rule", [rule for each in DETECTORS for rule in each.rules])
def test_every_rule_can_be_streamed(rule: Rule) -> None:
    assert re2.compile(rule.beginning).fullmatch("") is None
