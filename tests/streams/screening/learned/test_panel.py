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
from streams.screening.scan import DIRECTIONS
from streams.screening.screener import Screener, Task
from streams.screening.stream import StreamScreen


@dataclass(frozen=True)
class Keen:
    """Finds violence in every segment with a word in it, and breaks on another."""

    version: str = "1"
    name: str = "keen"
    entities: frozenset[str] = frozenset({"VIOLENCE"})
    score: float = 0.9

    def find(self, segments: Sequence[tuple[int, str]]) -> list[Hit]:
        if any("breaks" in text for _, text in segments):
            raise ValueError("cannot read this")
        return [Hit(at, at + len(text), "VIOLENCE", self.score, self.name) for at, text in segments if "fight" in text]


def policy(**more: object) -> ScreeningPolicy:
    table = {"harm": "redact", "pii": "redact"}
    return ScreeningPolicy.model_validate({"actions": dict.fromkeys(("output", "prompt", "document"), table), **more})


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


@pytest.mark.parametrize(
    ("text", "detector"),
    [
        ("now t h e y   f i g h t   a l l   d a y   l o n g", "keen/spaced"),
        ("th3y f1ght @ll d4y l0ng", "keen/leet"),
        ("thеу fіght аll dау lоng", "keen/lookalike"),  # Cyrillic letters
        ("hello" + "".join(chr(0xE0000 + ord(each)) for each in "they fight all day"), "keen/tags"),
        ("a c0ffee f1ght", None),  # too little of it is changed
    ],
)
def test_what_was_disguised_is_judged_as_it_is_read(text: str, detector: str | None) -> None:
    verdict = SCREENER.screen(text, "prompt", REDACT, "v1").verdict
    assert [each.detector for each in verdict.findings] == ([detector] if detector else [])


def test_each_find_in_what_was_encoded_has_its_own_place() -> None:
    calm, fight = (b64encode(each).decode() for each in (b"a calm day by the sea", b"they fight the whole day"))
    text = f"{fight} {calm} {fight}"
    spans = [(each.start, each.end) for each in SCREENER.screen(text, "prompt", REDACT, "v1").verdict.findings]
    assert spans == [(0, len(fight)), (len(text) - len(fight), len(text))]


def test_texts_judged_together_are_judged_as_by_themselves() -> None:
    texts = [FIGHT, "", CALM + FIGHT, "a@b.com", b64encode(FIGHT.encode()).decode(), CALM]
    tasks = [Task(text, direction) for text in texts for direction in DIRECTIONS]
    alone = [SCREENER.screen(*task[:2], REDACT, "v1") for task in tasks]
    assert SCREENER.screen_all(tasks, REDACT, "v1") == alone
    assert SCREENER.screen_all([], REDACT, "v1") == []


def test_of_texts_judged_together_only_that_fails_which_does() -> None:
    tasks = [Task(text, "output") for text in ("fine", "this breaks", FIGHT)]
    verdicts = [each.verdict for each in SCREENER.screen_all(tasks, policy(), "v1")]
    assert [each.reason for each in verdicts] == [
        "nothing found",
        "block: keen failed",
        "redact: 1 EMAIL, 1 VIOLENCE",
    ]


@pytest.mark.parametrize(
    ("score", "harm", "measure", "level"),
    [
        (0.4, {"action": "block", "flag": 0.3}, "flag", "medium"),
        (0.5, {"action": "block", "flag": 0.3}, "block", "high"),
        (0.4, {"action": "block", "flag": 0.45}, "allow", "none"),
        (0.4, "block", "allow", "none"),
        (0.4, {"action": "block", "threshold": 0.35}, "block", "high"),
    ],
)
@pytest.mark.parametrize("direction", ["prompt", "output"])
def test_what_a_classifier_doubts_counts_where_the_policy_asks_for_it(
    score: float, harm: object, measure: str, level: str, direction: Direction
) -> None:
    screener = Screener([Keen(score=score)])
    chosen = ScreeningPolicy.model_validate({"actions": {direction: {"harm": harm}}})
    fight = "they fight, " * 12 + "yes. "
    verdict = screener.screen(fight, direction, chosen, "v1").verdict
    assert (verdict.ordered, verdict.level, len(verdict.findings)) == (measure, level, int(measure != "allow"))
    stream = StreamScreen(screener, direction, chosen, "v1")
    released = stream.feed(fight + CALM)
    assert (released == "") == (measure == "block")
    assert stream.finish()[1].ordered == measure


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
