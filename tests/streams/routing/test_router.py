"""Which model answers what."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.errors import Forbidden, InvalidField, ModelNotAvailable, ModelNotFound
from schemas.policies import RoutingPolicy
from streams.routing.cards import ModelCard
from streams.routing.facts import Facts
from streams.routing.router import explain, route

CHAT = frozenset({"chat", "completion"})
CARDS = {
    card.name: card
    for card in (
        ModelCard("cloud", "c1", "remote", local=False, capabilities=CHAT),
        ModelCard("cloud2", "c2", "remote", local=False, capabilities=CHAT),
        ModelCard("big", "b1", "text"),
        ModelCard("small", "s1", "text"),
        ModelCard("embed", "e1", "embed", capabilities=frozenset({"embedding"})),
        ModelCard("ocr", "o1", "vision", capabilities=frozenset({"ocr"})),
        ModelCard("eyes", "v1", "vision", capabilities=CHAT | {"vision"}),
    )
}
BASE = {
    "default": "cloud",
    "small": "small",
    "embedding": "embed",
    "vision": "ocr",
    "rules": [
        {"name": "research", "when": {"tenant": ["research"], "simple": False}, "model": "big"},
        {"name": "long", "when": {"min_chars": 5000, "kind": ["chat"]}, "model": "cloud2"},
    ],
    "fallbacks": {"cloud": ["cloud2", "big"], "big": ["small"]},
}


def policy(**changes: Any) -> RoutingPolicy:
    return RoutingPolicy.model_validate(BASE | changes)


def facts(**changes: Any) -> Facts:
    return replace(Facts(kind="chat", sticky="c-1", chars=500), **changes)


@pytest.mark.parametrize(
    ("asked", "away", "models"),
    [
        (facts(), "", "cloud cloud2 big"),  # the default and its fallbacks
        (facts(chars=20), "", "small"),  # short and simple
        (facts(chars=20, demanding=True), "", "cloud cloud2 big"),  # short, but a task
        (facts(model="big"), "", "big small"),  # asked for by name
        (facts(chars=20, model="cloud"), "", "cloud cloud2 big"),
        (facts(tenant="research"), "", "big small"),  # a rule
        (facts(tenant="research", chars=20), "", "small"),  # whose condition does not hold
        (facts(chars=6000), "", "cloud2"),  # the second rule
        (facts(kind="embedding"), "", "embed"),
        (facts(security="high"), "", "big"),  # remote ones passed over
        (facts(local_only=True), "", "big"),
        (facts(chars=6000, security="high"), "", "small"),  # nothing local in the chain: what the policy has
        (facts(), "cloud", "cloud2 big"),  # the first is away
        (facts(), "cloud cloud2", "big"),
        (facts(image=True), "", "ocr cloud cloud2 big"),  # read first, then answered
        (facts(image=True, chars=20, security="high"), "", "ocr big"),
        (facts(image=True, model="small"), "", "ocr small"),
    ],
)
def test_candidates(asked: Facts, away: str, models: str) -> None:
    decided = route(asked, policy(), CARDS, frozenset(away.split()))
    assert [pin.name for pin in decided.candidates] == models.split()
    assert decided.reasons


@pytest.mark.parametrize(
    ("asked", "away", "error", "says"),
    [
        (facts(model="none"), "", ModelNotFound, "no model 'none'; known: big"),
        (facts(model="embed"), "", InvalidField, "embed does not answer chat"),
        (facts(model="cloud", security="high"), "", Forbidden, "security level is high"),
        (facts(model="cloud", local_only=True), "", Forbidden, "screening says so"),
        (facts(), "cloud cloud2 big", ModelNotAvailable, "cloud: passed over, away"),
        (facts(security="high"), "big small", ModelNotAvailable, "small: passed over, away"),
        (facts(image=True), "ocr", ModelNotAvailable, "pictures cannot be read now"),
    ],
)
def test_refusals(asked: Facts, away: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        route(asked, policy(), CARDS, frozenset(away.split()))


def test_a_model_that_sees_needs_no_reader() -> None:
    decided = route(facts(image=True), policy(vision="eyes"), CARDS)
    assert [pin.name for pin in decided.candidates] == ["eyes"]


def test_pictures_without_a_vision_model_are_refused() -> None:
    with pytest.raises(ModelNotAvailable, match="names no vision model"):
        route(facts(image=True), policy(vision=None), CARDS)


def test_a_model_that_the_manifest_lacks_is_passed_over() -> None:
    assert [pin.name for pin in route(facts(), policy(fallbacks={"cloud": ["gone", "big"]}), CARDS).candidates] == [
        "cloud",
        "big",
    ]


def test_the_way_to_a_decision_can_be_read() -> None:
    assert explain(facts(security="high"), policy(), CARDS) == [
        "local models only: the security level is high",
        "cloud: the default",
        "cloud: passed over, remote",
        "cloud2: passed over, remote",
        "candidates: big@b1 (text)",
    ]
    assert explain(facts(model="none"), policy(), CARDS)[-1].startswith("refused (model_not_found)")
