"""The bounds of the forms that clients ask answers to have: what is over them is not even handed to a compiler."""

from typing import Any

PATTERN_CHARACTERS = 2_000
SCHEMA_DEPTH = 32
SCHEMA_NODES = 4_000
SCHEMA_CHARACTERS = 64_000
_WRAPPER = {"name", "description", "schema", "strict"}


def unwrapped(value: dict[str, Any]) -> dict[str, Any]:
    """The schema itself, where it stands in the OpenAI API's wrapper."""
    inner = value.get("schema")
    return inner if isinstance(inner, dict) and value.keys() <= _WRAPPER else value


def bounded(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema. Raises ``ValueError`` when it is too deep, has too many parts or too much text."""
    nodes = characters = depth = 0
    level: list[Any] = [schema]
    while level:
        depth += 1
        nodes += len(level)
        characters += sum(_characters(value) for value in level)
        for what, count, most in (
            ("levels", depth, SCHEMA_DEPTH),
            ("parts", nodes, SCHEMA_NODES),
            ("characters", characters, SCHEMA_CHARACTERS),
        ):
            if count > most:
                raise ValueError(f"the schema has more than {most} {what}: ask for a simpler form")
        level = [part for value in level for part in _parts(value)]
    return schema


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _characters(value: Any) -> int:
    if isinstance(value, dict):
        return sum(map(len, value))
    return len(value) if isinstance(value, str) else len(str(value)) if isinstance(value, int) else 1
