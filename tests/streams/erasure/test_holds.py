"""What the topic of erasures says in the end."""

import pytest

from schemas.erasure import COMPONENTS, Erasure, Hold, Purged, Refused
from streams.erasure.holds import History

ALICE, BOB = "a" * 32, "b" * 32
Event = Erasure | Purged | Refused | Hold


def erasure(name: str = "e1", subject: str = ALICE) -> Erasure:
    return Erasure(id=name, subject=subject, reason="asked for", vault="v")


def purged(*components: str, name: str = "e1") -> list[Event]:
    given = {"erasure": name, "subject": ALICE, "count": 1}
    return [Purged.model_validate({**given, "id": f"{name}#{each}", "component": each}) for each in components]


def hold(subject: str = ALICE, *, released: bool = False) -> Hold:
    return Hold(subject=subject, reason="case 7", released=released)


def said(*events: Event) -> History:
    made = History()
    for event in events:
        made.add(event)
    return made


@pytest.mark.parametrize(
    ("events", "held"),
    [
        ([], False),
        ([hold()], True),
        ([hold(BOB)], False),
        ([hold(), hold(released=True)], False),
        ([hold(), hold(), hold(released=True)], False),  # holds do not add up
        ([hold(released=True)], False),
        ([hold(), hold(released=True), hold()], True),
        ([hold(), hold(BOB, released=True)], True),
    ],
)
def test_a_hold_stands_until_it_is_released(events: list[Event], held: bool) -> None:
    assert (ALICE in said(*events).holds) is held


@pytest.mark.parametrize(
    ("events", "unfinished"),
    [
        ([], None),
        ([erasure()], "e1"),
        ([erasure(), *purged("keys", "answers")], "e1"),
        ([erasure(), *purged(*COMPONENTS)], None),
        ([erasure(), Refused(erasure="e1", subject=ALICE, reason="hold")], None),
        ([erasure(subject=BOB)], None),
        ([erasure(), *purged(*COMPONENTS), erasure("e2")], "e2"),
    ],
)
def test_an_erasure_is_unfinished_until_all_confirm(events: list[Event], unfinished: str | None) -> None:
    found = said(*events).unfinished(ALICE)
    assert (found.id if found else None) == unfinished


def test_who_is_missing() -> None:
    assert said(erasure(), *purged("keys", "files")).missing(erasure()) == ["answers", "examples", "topics"]
