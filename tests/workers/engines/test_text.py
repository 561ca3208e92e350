"""Whole characters and stop strings, whatever the tokens."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.engines.text import Detokenizer, StopStrings


def decode(ids: Sequence[int]) -> str:
    """A token is a byte."""
    return bytes(ids).decode(errors="replace")


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "法国的首都是巴黎。",  # three bytes a character
        "𠮷野家 and 🙂",  # four
    ],
)
def test_half_a_character_is_never_shown(text: str) -> None:
    tokens = Detokenizer(decode)
    shown = [tokens.feed(byte) for byte in text.encode()]

    assert "\ufffd" not in "".join(shown)
    assert "".join(shown) + tokens.finish() == text


def test_a_character_cut_off_at_the_end_is_dropped() -> None:
    tokens = Detokenizer(decode)
    shown = "".join(tokens.feed(byte) for byte in "巴黎".encode()[:-1])

    assert shown + tokens.finish() == "巴"


def test_bytes_that_are_no_text_do_not_hold_back_for_ever() -> None:
    tokens = Detokenizer(decode)

    assert "a" in "".join(tokens.feed(byte) for byte in b"\xff" * 40 + b"a")


@pytest.mark.parametrize(
    ("pieces", "stops", "shown"),
    [
        (["one ", "two ", "three"], ["two"], "one "),  # within a piece
        (["one t", "w", "o three"], ["two"], "one "),  # over three pieces
        (["one t", "w", "x three"], ["two"], "one twx three"),  # a beginning that came to nothing
        (["abc"], ["abc", "b"], "a"),  # the one that ends first
        (["aab", "c"], ["aabd", "abc"], "a"),  # one beginning held while another is met
        (["第一句。", "第二句。"], ["。第"], "第一句"),  # Chinese
        (["\n", "\n\n"], ["\n\n\n"], ""),
        (["no stop"], [], "no stop"),
    ],
)
def test_nothing_of_a_stop_string_is_shown(pieces: list[str], stops: list[str], shown: str) -> None:
    assert through(pieces, stops) == shown


@given(
    st.text(alphabet="ab", max_size=20), st.lists(st.text(alphabet="ab", min_size=1, max_size=4), max_size=3), st.data()
)
def test_how_text_is_cut_makes_no_difference(text: str, stops: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))

    assert through([text[:at], text[at:]], stops) == through(list(text), stops) == through([text], stops)


def through(pieces: list[str], stops: list[str]) -> str:
    strings = StopStrings(stops)
    return "".join([strings.feed(piece) for piece in pieces]) + strings.finish()
