"""The schemas of events, and that what is released stays readable."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas.base import Event
from schemas.compatibility import breaking
from schemas.export import CLIENT_EVENTS, EVENTS, documents, json_schema, name_of, render
from schemas.requests import Request
from schemas.responses import Response

RELEASED = Path(__file__).parents[2] / "docs" / "schemas" / "v1"


def released(event: type[Event]) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((RELEASED / f"{name_of(event)}.json").read_text())
    return schema


def leaves(cls: type[Event]) -> set[type[Event]]:
    below = cls.__subclasses__()
    own = (
        {cls}
        if cls.__module__.startswith("schemas.") and not cls.__name__.startswith("_") and cls is not Event
        else set()
    )
    return own.union(*map(leaves, below))


def test_every_event_is_exported() -> None:
    assert leaves(Event) == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_no_event_breaks_its_released_schema(event: type[Event]) -> None:
    assert breaking(released(event), json_schema(event), may_widen=event in CLIENT_EVENTS) == []


@pytest.mark.parametrize("event", EVENTS, ids=name_of)
def test_each_is_a_sound_schema(event: type[Event]) -> None:
    Draft202012Validator.check_schema(json_schema(event))


def test_nothing_released_is_dropped() -> None:
    names = {path.stem for path in RELEASED.glob("*.json")}
    assert names <= documents().keys()


def test_the_same_schema_is_the_same_bytes() -> None:
    assert render(json_schema(Request)) == render(json.loads(render(json_schema(Request))))


@pytest.mark.parametrize(
    ("body", "valid"),
    [
        # the shortest request, in both languages
        ({"messages": [{"role": "user", "content": "hello"}]}, True),
        ({"messages": [{"role": "user", "content": "今天天气怎么样？"}]}, True),
        # a misspelt field
        ({"mesages": []}, False),
        # a fetched picture: data URLs only
        (
            {
                "messages": [
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/y.png"}}]}
                ]
            },
            False,
        ),
    ],
)
def test_the_schema_of_requests_says_what_the_model_says(body: dict[str, Any], valid: bool) -> None:
    assert Draft202012Validator(json_schema(Request)).is_valid(body) is valid


def test_a_response_needs_its_verdict() -> None:
    assert {"verdict", "prompt_verdict", "versions"} <= set(json_schema(Response)["required"])
