"""What counts as a breaking change of a schema."""

from typing import Any

import pytest

from schemas.compatibility import Change, breaking, changes


def record(properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **more}


TEXT = {"type": "string"}
NULLABLE = {"anyOf": [TEXT, {"type": "null"}]}
LETTERS = {"type": "string", "enum": ["a", "b"]}

NEITHER = [
    # a new optional field: readers ignore what they do not know
    (record({"a": TEXT}), record({"a": TEXT, "b": TEXT})),
    # words for people
    ({**TEXT, "title": "A", "description": "x"}, {**TEXT, "title": "B"}),
    # another default
    ({**TEXT, "default": "x"}, {**TEXT, "default": "y"}),
    # the same thing by reference
    (record({"a": TEXT}), record({"a": {"$ref": "#/$defs/T"}}, **{"$defs": {"T": TEXT}})),
    # the same alternatives in another order
    (NULLABLE, {"anyOf": [{"type": "null"}, TEXT]}),
    # one value as a constant or as a list
    ({"type": "string", "const": "a"}, {"type": "string", "enum": ["a"]}),
]

CHANGED: list[tuple[dict[str, Any], dict[str, Any], tuple[str, str]]] = [
    # a field is gone
    (record({"a": TEXT}), record({}), ("a", "removes")),
    # a field is required now
    (record({"a": TEXT}), record({"a": TEXT}, required=["a"]), ("a", "narrows")),
    # a new field is required
    (record({}), record({"a": TEXT}, required=["a"]), ("a", "narrows")),
    # a field is no longer required: old readers need it
    (record({"a": TEXT}, required=["a"]), record({"a": TEXT}), ("a", "widens")),
    # null is no longer taken
    (record({"a": NULLABLE}), record({"a": TEXT}), ("a", "narrows")),
    # null is taken now
    (record({"a": TEXT}), record({"a": NULLABLE}), ("a", "widens")),
    # a value of a list is gone, or new
    (LETTERS, {"type": "string", "enum": ["a"]}, ("", "narrows")),
    (LETTERS, {"type": "string", "enum": ["a", "b", "c"]}, ("", "widens")),
    # any text became a list of values, and back
    (TEXT, LETTERS, ("", "narrows")),
    (LETTERS, TEXT, ("", "widens")),
    # two lists of values side by side are one
    ({"anyOf": [LETTERS, {"type": "string", "const": "c"}]}, LETTERS, ("", "narrows")),
    # another pattern or format
    ({**TEXT, "pattern": "^a"}, {**TEXT, "pattern": "^b"}, ("", "narrows")),
    ({**TEXT, "format": "date"}, {**TEXT, "format": "date-time"}, ("", "narrows")),
    # limits drawn closer, or further
    ({**TEXT, "maxLength": 9}, {**TEXT, "maxLength": 8}, ("", "narrows")),
    ({**TEXT, "maxLength": 9}, {**TEXT, "maxLength": 10}, ("", "widens")),
    (TEXT, {**TEXT, "minLength": 1}, ("", "narrows")),
    ({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 0}, ("", "widens")),
    # whole numbers became numbers, and back
    ({"type": "integer"}, {"type": "number"}, ("", "widens")),
    ({"type": "number"}, {"type": "integer"}, ("", "narrows")),
    # a misspelt field became an error, and back
    (record({}), record({}, additionalProperties=False), ("", "narrows")),
    (record({}, additionalProperties=False), record({}), ("", "widens")),
    # inside lists, maps and pairs
    ({"type": "array", "items": LETTERS}, {"type": "array", "items": TEXT}, ("[]", "widens")),
    (
        record({"m": {"type": "object", "additionalProperties": TEXT}}),
        record({"m": {"type": "object", "additionalProperties": LETTERS}}),
        ("m{}", "narrows"),
    ),
    ({"type": "array", "prefixItems": [TEXT, TEXT]}, {"type": "array", "prefixItems": [TEXT]}, ("", "narrows")),
    # behind a reference
    (
        record({"a": {"$ref": "#/$defs/T"}}, **{"$defs": {"T": record({"b": TEXT})}}),
        record({"a": {"$ref": "#/$defs/T"}}, **{"$defs": {"T": record({"b": NULLABLE})}}),
        ("a.b", "widens"),
    ),
]


@pytest.mark.parametrize(("old", "new"), NEITHER)
def test_what_no_reader_notices(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert changes(old, new) == []


@pytest.mark.parametrize(("old", "new", "expected"), CHANGED)
def test_what_a_reader_notices(old: dict[str, Any], new: dict[str, Any], expected: tuple[str, str]) -> None:
    found = {(change.path, change.effect) for change in changes(old, new)}
    assert expected in found
    assert breaking(old, new, may_widen=False)
    assert bool(breaking(old, new, may_widen=True)) == (found != {(expected[0], "widens")})


def test_another_type_breaks_both_ways() -> None:
    effects = {change.effect for change in changes({"type": "string"}, {"type": "integer"})}
    assert effects == {"narrows", "widens"}


def test_definitions_that_name_themselves_end() -> None:
    tree = {"$ref": "#/$defs/T", "$defs": {"T": record({"left": {"$ref": "#/$defs/T"}})}}
    assert changes(tree, tree) == []


def test_a_change_says_where_and_what() -> None:
    assert str(Change("a.b", "removes", "the field is gone")) == "a.b: the field is gone (removes)"
    assert str(Change("", "narrows", "x")).startswith("the whole")
