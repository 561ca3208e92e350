"""However a stream is cut, what leaves is what screening the whole would let out."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.policies import default_policy
from schemas.policies import ScreeningPolicy
from schemas.screening import Action
from streams.screening.screener import Screener
from streams.screening.stream import OFTEN, StreamScreen

SCREENER = Screener()
ALL = ("pii", "secret", "payload", "injection", "harm")
REDACT = ScreeningPolicy.model_validate(
    {
        "actions": {"output": dict.fromkeys(ALL, "redact")},
        "words": {"banned": {"words": ["forbidden fruit", "禁用词语", "fruit", "语音禁用"]}},
    }
)
BLOCK = ScreeningPolicy.model_validate({"actions": {"output": {"card": "block", "email": "redact"}}})
PIECES = (
    "zhang@example.com", "a.b", "@", "例子", "，", "。", " ", "\n", "1", "13800138000", "１３８００１３８０００",
    "+86 ", "+44 20 7946 0958", "4111 1111 1111 1111", "4111", "-", "110105194912310", "02X", "078-05-1120", "ssn: ",
    "sk-", "abc123DEF456ghi789JKL0", "password=", "密码是", "Abc12345", "-----BEGIN PRIVATE KEY-----", "MIIE",
    "-----END ", "PRIVATE KEY-----", "' or ", "'1'='1", "<script>", "alert(1)", "ignore ", "all previous ",
    "instructions", "忽略", "以上所有", "指令", "forbidden ", "fruit", "禁用", "词语", "音", "\u200b", "\u0301",
    "ﬁ", "½", "<|im_start|>", "x", "\ud800", "\x00", "2024 ", "(212) 555-0100", "https://u:pass", "@host", ".com",
    "AKIA", "ABCDEFGHIJKLMNOP",
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=24).map("".join)


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[left:right] for left, right in pairwise(edges)]


def stream(policy: ScreeningPolicy = REDACT) -> StreamScreen:
    return StreamScreen(SCREENER, "output", policy, "v1")


@settings(max_examples=600, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 10_000), max_size=40))
def test_the_parts_make_up_the_screened_whole(text: str, places: list[int]) -> None:
    whole, screen = SCREENER.screen(text, "output", REDACT, "v1"), stream()
    parts = [screen.feed(piece) for piece in cut(text, places)]
    rest, verdict = screen.finish()
    assert "".join(parts) + rest == whole.text
    assert verdict == whole.verdict


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 10_000), max_size=40))
def test_after_a_block_nothing_leaves_and_no_part_of_the_find_has_left(text: str, places: list[int]) -> None:
    text += " card 5555 5555 5555 4444 end of it"
    before = SCREENER.screen(text, "output", REDACT_PII, "v1").text.split("[CREDIT_CARD]")[0]
    screen = stream(BLOCK)
    released = "".join(screen.feed(piece) for piece in cut(text, places))
    assert before.startswith(released)
    rest, verdict = screen.finish()
    assert (rest, verdict.action, screen.blocked) == ("", Action.BLOCK, True)
    assert screen.feed("more") == ""


REDACT_PII = ScreeningPolicy.model_validate({"actions": {"output": {"card": "redact", "email": "redact"}}})


@pytest.mark.parametrize(
    ("deltas", "released"),
    [
        # plain Chinese leaves at once
        (["饭菜", "很好吃"], ["饭菜", "很好吃"]),
        # but for what may stand before a name
        (["昨晚", "吃饭了吗"], ["昨", "晚吃饭了吗"]),
        # a Latin word waits for the next, since it may begin an e-mail address, also one in words
        (["plan", "ts ", "grow", "."], ["", "", "plants ", ""]),
        # an address leaves as one placeholder, as soon as it is over
        (["写给 a@b", ".com", "，好的"], ["写给 ", "", "[EMAIL]，好的"]),
        # digits wait until they cannot be a number that matters
        (["共 12", " 件", "。"], ["共 ", "12 ", "件。"]),
        # a card in pieces never shows a digit
        (["数字4111 11", "11 1111 1", "111。好的"], ["数字", "", "[CREDIT_CARD]。好的"]),
        # a label waits with the number that may follow
        (["卡号4111 11", "11 1111 1", "111。好的"], ["", "", "卡号[CREDIT_CARD]。好的"]),
    ],
)
def test_as_little_as_possible_is_held_back(deltas: list[str], released: list[str]) -> None:
    screen = stream()
    assert [screen.feed(delta) for delta in deltas] == released


def test_what_is_only_noted_is_not_held_back() -> None:
    screen = stream(ScreeningPolicy.model_validate({"actions": {"output": {"email": "allow"}}}))
    assert screen.feed("a@b") == "a@b"
    assert screen.feed(".com") == ".com"
    assert [finding.entity for finding in screen.finish()[1].findings] == ["EMAIL"]


def test_a_stream_that_needs_more_than_its_share_waits_for_the_whole() -> None:
    policy = ScreeningPolicy.model_validate({"actions": {"output": dict.fromkeys(ALL, "redact")}, "hold_back": 256})
    screen, run = stream(policy), "A" * 600
    assert "".join(screen.feed(each) for each in (run, " 好的。", "a@b.com", "好")) == ""
    assert screen.finish()[0] == f"{run} 好的。[EMAIL]好"


def test_a_long_run_is_looked_at_ever_less_often_and_leaves_when_it_is_over() -> None:
    screen = stream()
    assert "".join(screen.feed("A") for _ in range(3 * OFTEN)) == ""
    released = "".join(screen.feed("。好") for _ in range(3 * OFTEN))
    assert released.startswith("A" * 3 * OFTEN + "。好")


def test_what_the_reader_gave_is_let_out_whole_and_nothing_else() -> None:
    own = frozenset({"13800138000"})
    text = "call 13800138000 or 13900139000, 然后等一等, and wait for a while"
    for size in (1, 3, 7):
        stream = StreamScreen(Screener(), "output", default_policy().screening, "v1", own)
        told = [stream.feed(text[at : at + size]) for at in range(0, len(text), size)]
        rest, _ = stream.finish()
        assert "".join(told) + rest == text.replace("13900139000", "[PHONE]")
