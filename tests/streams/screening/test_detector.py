"""Rules with a lead, decoys, and which of several finds is reported."""

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.policies import ScreeningPolicy
from streams.screening.detector import DECOY, Hit, Rule, Rules, outermost
from streams.screening.patterns import Patterns
from streams.screening.rulebook import Rulebook
from streams.screening.screener import Screener
from streams.screening.stream import StreamScreen

NUMBER = Rule("PHONE", "[0-9]{4}", 0.8, before="0-9", after="0-9")
EVEN = Rule("PHONE", "[0-9]{4,6}", 0.9, after="0-9", check=lambda span: int(span) % 2 == 0, lead="tel(?:ephone)?:? ?")
WHOLE = Rule("PERSON", "[A-Z][a-z]+", 0.9, before="A-Za-z", after="a-z", lead="我叫|name(?: is|: )")
ORDER = Rule(DECOY, "(?:order|单号) ?[0-9]+", 0.85, after="0-9")
TITLED = Rule(
    "PERSON", "[A-Z][a-z]{1,4}", 0.8, before="A-Za-z", trail=" ?(?:esq|先生)", check=lambda span: span != "Good"
)
RULES = Rules("test", (NUMBER, EVEN, WHOLE, ORDER, TITLED))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        # the lead is no part of the span
        ("tel: 123456", ["123456"]),
        ("tel123456 tel 654322", ["123456", "654322"]),
        ("tel: 123457", []),  # fails its check
        ("tel: 123457 tel: 12", []),
        ("teltelephone 123456", ["123456"]),  # a lead inside another
        ("123456", []),  # no lead
        ("我叫Tom", ["Tom"]),
        ("x我叫Tom", []),  # borders stand before the lead
        ("Tom esq. and Ann esq", ["Tom", "Ann"]),  # a trail is no part of the span either
        ("Tom 先", []),
        ("Good 先生 Tom先生", ["Tom"]),
        ("1234", ["1234"]),
        ("order 1234", []),  # a label that says that it is none
        ("单号1234 1234", ["1234"]),
        ("order tel 123456", ["123456"]),
        ("order 1234, tel 4444", ["4444"]),
        ("１２３４，ｔｅｌ　：１２３４５６", ["１２３４"]),
        ("ｔｅｌ：１２３４５６", ["１２３４５６"]),
    ],
)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in RULES.find(text)] == found


def hit(start: int, end: int, entity: str = "PHONE", score: float = 0.9) -> Hit:
    return Hit(start, end, entity, score, "test")


@pytest.mark.parametrize(
    ("hits", "kept"),
    [
        ([hit(0, 9), hit(2, 5)], [hit(0, 9)]),
        ([hit(2, 5), hit(0, 9, "SSN")], [hit(0, 9, "SSN"), hit(2, 5)]),  # each entity by itself
        ([hit(0, 9, score=0.5), hit(2, 5)], [hit(0, 9)]),  # the inner one is surer
        ([hit(0, 9, score=0.5), hit(0, 9)], [hit(0, 9)]),  # of the same span the surest
        ([hit(0, 20), hit(2, 5, "SSN"), hit(6, 9)], [hit(0, 20), hit(2, 5, "SSN")]),
        ([hit(0, 5), hit(3, 9), hit(4, 8)], [hit(0, 5), hit(3, 9)]),
        ([hit(0, 9, DECOY), hit(2, 9)], []),
        ([hit(0, 9, DECOY, 0.5), hit(2, 9)], [hit(2, 9)]),  # surer than the decoy
        ([hit(0, 9, DECOY), hit(2, 10)], [hit(2, 10)]),  # not inside it
        ([hit(0, 9, DECOY), hit(9, 10)], [hit(9, 10)]),
    ],
)
def test_what_is_reported(hits: list[Hit], kept: list[Hit]) -> None:
    assert outermost(hits) == kept


class Book(Rulebook):
    """The rules of this test in place of the built-in ones."""

    def __init__(self, policy: ScreeningPolicy) -> None:
        super().__init__(policy)
        self.all = Patterns(tuple((RULES.name, rule) for rule in RULES.rules))


class Small(Screener):
    def book(self, policy: ScreeningPolicy) -> Rulebook:
        if id(policy) not in self._books:
            self._books[id(policy)] = policy, Book(policy)
        return self._books[id(policy)][1]


SCREENER = Small()
REDACT = ScreeningPolicy.model_validate({"actions": {"output": {"pii": "redact"}}})
PIECES = (
    "tel", "ephone", ":", " ", "1234", "12", "123457", "order", "单号", "我叫", "name is", "Tom", "T", "om", "好", "4",
    "tel: 123456", "order 1234", "\u200b", "先生", " esq", "Good", "Ann",
)  # fmt: skip


@settings(max_examples=600, deadline=None)
@example("telorder 1234单号1234123457", [15])  # a number is none backwards where its label says that it is none
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join), st.lists(st.integers(0, 1000), max_size=12))
def test_a_stream_finds_what_the_whole_has(text: str, places: list[int]) -> None:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    stream = StreamScreen(SCREENER, "output", REDACT, "v1")
    parts = [stream.feed(text[left:right]) for left, right in pairwise(edges)]
    rest, verdict = stream.finish()
    whole = SCREENER.screen(text, "output", REDACT, "v1")
    assert ("".join(parts) + rest, verdict) == (whole.text, whole.verdict)


def test_a_lead_is_held_back_with_its_span() -> None:
    stream = StreamScreen(SCREENER, "output", REDACT, "v1")
    assert [stream.feed(each) for each in ("call t", "el", ": 12", "3456", ".", " or 我", "叫To", "m, ha")] == [
        "call ", "", "", "", "", "tel: [PHONE]. or ", "", "我叫[PERSON], ",
    ]  # fmt: skip
