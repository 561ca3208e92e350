"""Segments are the same however a text arrives, and of bounded length."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.screening.learned.segments import LEAST, MOST, Segmenter, segments

LONG = "word " * (LEAST // 5)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" \n ", []),
        ("Hi. How are you?", ["Hi. How are you?"]),  # short sentences stay together
        (LONG + "end. Next", [LONG + "end. ", "Next"]),
        (LONG + "3.5 is no end", [LONG + "3.5 is no end"]),
        ("好" * LEAST + "。下一句", ["好" * LEAST + "。", "下一句"]),
        ("好" * (LEAST - 1) + "。下一句", ["好" * (LEAST - 1) + "。", "下一句"]),
        ("好" * (LEAST - 2) + "。下一句", ["好" * (LEAST - 2) + "。下一句"]),
        (LONG + "\nNext", [LONG + "\n", "Next"]),
        ("x" * (MOST + 1), ["x" * MOST, "x"]),  # no end at all
        (LONG * 5, ["word " * (MOST // 5), "word " * (MOST // 5 // 4)]),
        ("好" * LEAST + "。\n \n", ["好" * LEAST + "。"]),  # blank ones are left out
    ],
)
def test_where_segments_end(text: str, parts: list[str]) -> None:
    assert [segment for _, segment in segments(text)] == parts


WORDS = st.sampled_from(["word ", "。", ". ", ".", "\n", " ", "好" * 30, "x" * 150, "!", "3.5", "\ud800"])
TEXTS = st.lists(WORDS, max_size=60).map("".join)


@given(TEXTS)
def test_segments_are_bounded_and_lie_where_they_say(text: str) -> None:
    for start, segment in segments(text):
        assert 0 < len(segment) <= MOST
        assert text.startswith(segment, start)
    assert "".join(segment for _, segment in segments(text)).split() == text.split() or not text.strip()


@given(TEXTS, st.lists(st.integers(0, 10_000), max_size=20))
def test_pieces_have_the_segments_of_the_whole(text: str, places: list[int]) -> None:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    segmenter = Segmenter()
    found = [each for left, right in pairwise(edges) for each in segmenter.feed(text[left:right])]
    last = (segmenter.start, segmenter.rest)
    assert [*found, *([last] if last[1].strip() else [])] == list(segments(text))
