"""Learned detectors beside the rules: in verdicts, in streams, and when they fail."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.policies import ScreeningPolicy
from schemas.screening import Action, Direction
from streams.screening.detector import Hit
from streams.screening.learned.segments import LEAST
from streams.screening.screener import Screener
from streams.screening.stream import StreamScreen


@dataclass(frozen=True)
class Keen:
    """Finds violence in every segment with a word in it, and breaks on another."""

    version: str = "1"
    name: str = "keen"
    entities: frozenset[str] = frozenset({"VIOLENCE"})

    def find(self, segments: Sequence[tuple[int, str]]) -> list[Hit]:
        if any("breaks" in text for _, text in segments):
            raise ValueError("cannot read this")
        return [Hit(at, at + len(text), "VIOLENCE", 0.9, self.name) for at, text in segments if "fight" in text]


def policy(**more: object) -> ScreeningPolicy:
    return ScreeningPolicy.model_validate({"actions": {"output": {"harm": "redact", "pii": "redact"}}, **more})


SCREENER, REDACT = Screener([Keen()]), policy()
CALM = "今天天气很好，" * 20 + "。"
FIGHT = "they fight, " * 12 + "a@b.com. "


def test_a_segment_is_found_beside_what_rules_find() -> None:
    screened = SCREENER.screen(CALM + FIGHT + "c@d.com", "output", REDACT, "v1")
    assert screened.text == CALM + "[VIOLENCE][EMAIL]"
    assert [(each.entity, each.version) for each in screened.verdict.findings] == [
        ("VIOLENCE", "1"),
        ("EMAIL", ""),
        ("EMAIL", ""),
    ]


@pytest.mark.parametrize(
    ("direction", "found"),
    [("prompt", [("VIOLENCE", "keen/encoded")]), ("document", [("VIOLENCE", "keen/encoded")]), ("output", [])],
)
def test_what_was_encoded_is_judged_too(direction: Direction, found: list[tuple[str, str]]) -> None:
    hidden = b64encode(b"they fight for the whole day").decode()
    verdict = SCREENER.screen(f"read {hidden} now", direction, REDACT, "v1").verdict
    assert [(each.entity, each.detector) for each in verdict.findings] == found
    assert all((each.start, each.end) == (5, 5 + len(hidden)) for each in verdict.findings)


def test_each_find_in_what_was_encoded_has_its_own_place() -> None:
    calm, fight = (b64encode(each).decode() for each in (b"a calm day by the sea", b"they fight the whole day"))
    text = f"{fight} {calm} {fight}"
    spans = [(each.start, each.end) for each in SCREENER.screen(text, "prompt", REDACT, "v1").verdict.findings]
    assert spans == [(0, len(fight)), (len(text) - len(fight), len(text))]


def test_the_version_of_the_rules_covers_the_artefacts() -> None:
    versions = {Screener().rules, Screener([Keen()]).rules, Screener([Keen("2")]).rules}
    assert len(versions) == 3


@pytest.mark.parametrize(
    ("chosen", "action", "measure", "reason"),
    [
        (policy(), Action.BLOCK, "", "redact: 1 EMAIL; block: keen failed"),
        (policy(on_failure="flag"), Action.REDACT, "", "redact: 1 EMAIL; flag: keen failed"),
    ],
)
def test_a_failure_is_never_silent(chosen: ScreeningPolicy, action: Action, measure: str, reason: str) -> None:
    screened = SCREENER.screen("this breaks a@b.com", "output", chosen, "v1")
    assert (screened.verdict.action, screened.verdict.measure, screened.verdict.reason) == (action, measure, reason)
    clean = SCREENER.screen("this breaks", "output", policy(on_failure="flag"), "v1")
    assert (clean.text, clean.verdict.measure, clean.verdict.reason) == ("this breaks", "flag", "flag: keen failed")


PIECES = ("calm. ", "好。", "they fight ", "a@b.com", "\n", "word " * 9, "x" * 130, "！")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join), st.lists(st.integers(0, 10_000), max_size=40))
def test_a_stream_finds_what_the_whole_has(text: str, places: list[int]) -> None:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    stream = StreamScreen(SCREENER, "output", REDACT, "v1")
    parts = [stream.feed(text[left:right]) for left, right in pairwise(edges)]
    assert not any("fight" in part for part in parts)
    rest, verdict = stream.finish()
    whole = SCREENER.screen(text, "output", REDACT, "v1")
    assert ("".join(parts) + rest, verdict) == (whole.text, whole.verdict)


def test_nothing_is_held_for_a_classifier_that_orders_nothing() -> None:
    stream = StreamScreen(SCREENER, "output", policy(actions={"output": {"pii": "redact"}}), "v1")
    assert stream.feed("they fight. ") == "they fight. "


def test_what_is_only_flagged_is_not_redacted_where_something_else_holds_the_stream() -> None:
    chosen = policy(actions={"output": {"VIOLENCE": "flag", "HATE": "block"}})
    stream = StreamScreen(Screener([Keen(entities=frozenset({"VIOLENCE", "HATE"}))]), "output", chosen, "v1")
    text = "they fight, " * 12 + "yes. " + CALM
    released = stream.feed(text)
    rest, verdict = stream.finish()
    assert released == text
    assert (rest, verdict.measure, [each.entity for each in verdict.findings]) == ("", "flag", ["VIOLENCE"])


def test_a_failure_blocks_a_stream_or_lets_it_go_on() -> None:
    text = "this breaks. " * (LEAST // 8)
    assert StreamScreen(SCREENER, "output", REDACT, "v1").feed(text) == ""
    stream = StreamScreen(SCREENER, "output", policy(on_failure="flag"), "v1")
    released = stream.feed(text)
    assert released
    rest, verdict = stream.finish()
    assert (released + rest, verdict.measure) == (text, "flag")
