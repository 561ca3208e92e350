"""The AsyncAPI document is complete, and every reference in it leads somewhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from infra.asyncapi import CARRIED, asyncapi, carried
from infra.settings import Settings
from infra.topics import TABLE
from schemas.export import EVENTS, render

COMMITTED = Path(__file__).parents[2] / "docs" / "asyncapi.json"
REFERENCE = {"type": "object", "required": ["$ref"], "properties": {"$ref": {"type": "string", "pattern": "^#/"}}}
ASYNCAPI_3 = {
    "type": "object",
    "required": ["asyncapi", "info", "channels", "operations", "components"],
    "additionalProperties": False,
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {"type": "object", "required": ["title", "version"]},
        "defaultContentType": {"type": "string"},
        "channels": {
            "additionalProperties": {
                "required": ["address", "messages"],
                "additionalProperties": False,
                "properties": {
                    "address": {"type": "string"},
                    "messages": {"minProperties": 1, "additionalProperties": REFERENCE},
                    "bindings": {"required": ["kafka"]},
                },
            }
        },
        "operations": {
            "additionalProperties": {
                "required": ["action", "channel"],
                "properties": {"action": {"enum": ["send", "receive"]}, "channel": REFERENCE},
            }
        },
        "components": {
            "required": ["messages", "schemas"],
            "properties": {
                "messages": {"additionalProperties": {"required": ["name", "payload", "headers"]}},
                "schemas": {"propertyNames": {"pattern": "^[A-Za-z0-9._-]+$"}},
            },
        },
    },
}
"""What AsyncAPI 3.0.0 asks of the parts that are used here."""


@pytest.fixture
def document() -> dict[str, Any]:
    return asyncapi(Settings(tenant_topics=("acme",)))


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolve(document: dict[str, Any], reference: str) -> Any:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def test_it_has_the_structure_of_asyncapi_3(document: dict[str, Any]) -> None:
    Draft202012Validator(ASYNCAPI_3).validate(document)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert len(found) > 40
    assert all(resolve(document, reference) for reference in found)


def test_every_topic_that_carries_something_is_a_channel(document: dict[str, Any]) -> None:
    silent = {topic.name for topic in TABLE if not carried(topic)}
    assert silent == {"documents", "checkpoints"}
    assert set(document["channels"]) == {topic.name for topic in TABLE} - silent | {"requests.acme", "responses.acme"}


def test_every_event_is_carried_by_a_topic() -> None:
    assert {event for events in CARRIED.values() for event in events} == set(EVENTS)


def test_channels_tell_how_topics_are_kept(document: dict[str, Any]) -> None:
    keys = document["channels"]["keys"]["bindings"]["kafka"]
    assert (keys["topic"], keys["partitions"]) == ("headrace.keys", 1)
    assert keys["topicConfiguration"]["cleanup.policy"] == ["compact"]


def test_the_committed_document_is_this_one() -> None:
    """``headrace schema export`` writes it anew."""
    assert json.loads(COMMITTED.read_text()) == json.loads(render(asyncapi(Settings())))
