import random

import pytest
import re2

from streams.screening.need import need_of
from streams.screening.together import GROUP, Endings, Together

WORDS = [f"w{number}x" for number in range(3 * GROUP)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", []),
        ("w0x", [0]),
        (f"w{GROUP}x and w{3 * GROUP - 1}x", [GROUP, 3 * GROUP - 1]),  # the first of a group and the last of all
        (f"w{3 * GROUP}x", []),
    ],
)
def test_each_pattern_is_told_by_its_number(text: str, numbers: list[int]) -> None:
    assert sorted(Together([(word, need_of(word)) for word in WORDS]).match(f"\n{text}\n".encode()) or []) == numbers


def test_a_text_without_its_edge_is_not_judged() -> None:
    assert Together([(word, need_of(word)) for word in WORDS]).match(b"w0x") is None


def test_the_longest_ending_of_all_groups_counts() -> None:
    patterns, chance = [f"a{{{number}}}" for number in range(1, 2 * GROUP)], random.Random(5)
    for _ in range(50):
        text = "".join(chance.choice("ab") for _ in range(40)) + "a" * chance.randint(0, 90)
        found = re2.search(f"(?:{'|'.join(patterns)})\\z", text)
        assert Endings(patterns).start("x" + text, 1) == 1 + (found.start() if found else len(text))
    assert Endings([]).start("abc", 1) == 3


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("\nab", 1),  # at the border
        ("xab", 3),  # behind another character
        ("x\nab", 2),
        ("\nabc", 4),
    ],
)
def test_a_border_is_no_part_of_the_ending(text: str, start: int) -> None:
    assert Endings([], [r"\nab?"]).start(text, 1) == start
