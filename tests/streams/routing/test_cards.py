"""Canaries get their share, and a conversation keeps its version."""

from collections import Counter
from typing import Literal

import pytest

from schemas.registry import ModelVersion
from schemas.work import AdapterPin
from streams.routing.cards import ModelCard, choose, share


def version(name: str, weight: float, status: Literal["live", "retired"] = "live") -> ModelVersion:
    adapter = AdapterPin(name="m", version=name, uri=f"objects/{name}", sha256="0" * 64)
    return ModelVersion(name="m", version=name, status=status, weight=weight, adapter=adapter)


@pytest.mark.parametrize(
    ("versions", "position", "chosen"),
    [
        ((), 0.0, None),
        ((version("a", 1.0),), 0.999, "a"),
        ((version("a", 0.1),), 0.05, "a"),  # a canary
        ((version("a", 0.1),), 0.1, None),  # the rest is for the model itself
        ((version("a", 1.0), version("b", 0.2)), 0.1, "b"),  # the latest first
        ((version("a", 1.0), version("b", 0.2)), 0.2, "a"),
        ((version("a", 1.0), version("b", 1.0)), 0.9, "b"),  # of two claims the later is right
        ((version("a", 1.0), version("b", 1.0, "retired")), 0.1, "a"),
        ((version("a", 0.0),), 0.0, None),
    ],
)
def test_the_version_at_a_position(versions: tuple[ModelVersion, ...], position: float, chosen: str | None) -> None:
    adapter = choose(versions, position)
    assert (adapter.version if adapter else None) == chosen


def test_a_conversation_keeps_its_version_and_the_weights_hold() -> None:
    card = ModelCard("m", "1", "text", adapters=(version("a", 1.0), version("b", 0.25)))
    pins = [card.pin(f"conversation-{number}") for number in range(4000)]
    assert pins == [card.pin(f"conversation-{number}") for number in range(4000)]
    assert 900 < Counter(pin.adapter.version for pin in pins if pin.adapter)["b"] < 1100


def test_the_share_is_the_same_everywhere() -> None:
    assert share("m", "conversation-1") == pytest.approx(0.0838, abs=1e-4)
    assert 0 <= share("m", "\ud800") < 1
