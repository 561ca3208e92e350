"""What a change of a JSON Schema breaks.

A change *narrows* when something that was valid no longer is: new readers refuse old records. It *widens* when
something is valid that was not: old readers refuse new records. A new optional field does neither, since readers
ignore fields that they do not know. A removed field does both: what was said there is lost to everyone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

Schema = dict[str, Any]
LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
EXACT = ("pattern", "format", "multipleOf")


@dataclass(frozen=True)
class Change:
    """One difference. ``path`` is where it stands, as in ``messages[].role``."""

    path: str
    effect: Literal["narrows", "widens", "removes"]
    what: str

    def __str__(self) -> str:
        return f"{self.path or 'the whole'}: {self.what} ({self.effect})"


def changes(old: Schema, new: Schema) -> list[Change]:
    """Every difference between two schemas that some reader would notice."""
    found = _Comparison(old, new).compare("", old, new)
    return list(dict.fromkeys(found))


def breaking(old: Schema, new: Schema, *, may_widen: bool) -> list[Change]:
    """The differences that are not allowed; ``may_widen`` when its readers are upgraded before its writers."""
    return [change for change in changes(old, new) if not (may_widen and change.effect == "widens")]


class _Comparison:
    """Two documents side by side; each pair of definitions is compared once."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str]] = set()

    def compare(self, path: str, old: Schema, new: Schema) -> Iterator[Change]:
        before, after = _options(old, self._old), _options(new, self._new)
        if before.keys() - after.keys() == {"integer"} and "number" in after and "number" not in before:
            yield Change(path, "widens", "integer became number")
            before["number"] = {**before.pop("integer"), "type": "number"}
        if after and before:
            for label in sorted(before.keys() - after.keys()):
                yield Change(path, "narrows", f"{label} is no longer taken")
        for label in sorted(after.keys() - before.keys()):
            yield Change(path, "widens", f"{label} is taken now")
        for label in sorted(before.keys() & after.keys()):
            yield from self._same_kind(path, before[label], after[label])

    def _same_kind(self, path: str, old: Schema, new: Schema) -> Iterator[Change]:
        pair = (old.get("$name", ""), new.get("$name", ""))
        if all(pair) and pair in self._seen:
            return
        self._seen.add(pair)
        yield from _values(path, old, new)
        yield from _limits(path, old, new)
        yield from self._fields(path, old, new)
        yield from self._extras(path, old, new)
        yield from self._items(path, old, new)

    def _fields(self, path: str, old: Schema, new: Schema) -> Iterator[Change]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in sorted(before.keys() - after.keys()):
            yield Change(_at(path, name), "removes", "the field is gone")
        for name in sorted(before.keys() & after.keys()):
            yield from self.compare(_at(path, name), before[name], after[name])
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(needs - needed):
            yield Change(_at(path, name), "narrows", "the field is required now")
        for name in sorted((needed - needs) & after.keys()):
            yield Change(_at(path, name), "widens", "the field is no longer required")

    def _extras(self, path: str, old: Schema, new: Schema) -> Iterator[Change]:
        before, after = old.get("additionalProperties", True), new.get("additionalProperties", True)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from self.compare(f"{path}{{}}", before, after)
        elif before != after:
            effect: Literal["narrows", "widens"] = "widens" if before is False or after is True else "narrows"
            yield Change(path, effect, "other fields are treated otherwise")

    def _items(self, path: str, old: Schema, new: Schema) -> Iterator[Change]:
        if "items" in old or "items" in new:
            yield from self.compare(f"{path}[]", old.get("items", {}), new.get("items", {}))
        before, after = old.get("prefixItems", []), new.get("prefixItems", [])
        if len(before) != len(after):
            yield Change(path, "narrows", f"{len(before)} items became {len(after)}")
        for index, (was, is_) in enumerate(zip(before, after, strict=False)):
            yield from self.compare(f"{path}[{index}]", was, is_)


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema that a ``$ref`` names, with its name noted."""
    while "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {"$name": name, **root["$defs"][name], **rest}
    return schema


def _options(schema: Schema, root: Schema) -> dict[str, Schema]:
    """The alternatives of a schema by what tells them apart; one without any is its only alternative."""
    schema = _resolved(schema, root)
    listed = schema.get("anyOf") or schema.get("oneOf")
    if not listed:
        return {_label(schema): schema}
    found: dict[str, Schema] = {}
    for option in listed:
        for label, each in _options(option, root).items():
            found[label] = _either(found[label], each) if label in found else each
    return found


def _either(one: Schema, other: Schema) -> Schema:
    """Two alternatives of one type as one: the values of both, or any when one of them takes any."""
    listed, more = _listed(one), _listed(other)
    if listed is None or more is None:
        return one if listed is None else other
    return {**one, "enum": [*listed, *more]}


def _label(schema: Schema) -> str:
    if "$name" in schema and schema.get("type") == "object":
        return str(schema["$name"])
    return str(schema.get("type", "anything"))


def _values(path: str, old: Schema, new: Schema) -> Iterator[Change]:
    before, after = _allowed(old), _allowed(new)
    if before == after:
        return
    if before is None or after is None:
        yield Change(path, "narrows" if before is None else "widens", "the values are listed otherwise")
        return
    for value in sorted(before - after):
        yield Change(path, "narrows", f"the value {value} is no longer taken")
    for value in sorted(after - before):
        yield Change(path, "widens", f"the value {value} is taken now")


def _allowed(schema: Schema) -> set[str] | None:
    listed = _listed(schema)
    return None if listed is None else {repr(value) for value in listed}


def _listed(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _limits(path: str, old: Schema, new: Schema) -> Iterator[Change]:
    for name in EXACT:
        if old.get(name) != new.get(name):
            yield Change(path, "narrows", f"{name} {old.get(name)} became {new.get(name)}")
    tighter: tuple[tuple[tuple[str, ...], float, Callable[[float, float], bool]], ...] = (
        (LOWER, float("-inf"), lambda was, is_: is_ > was),
        (UPPER, float("inf"), lambda was, is_: is_ < was),
    )
    for names, none, is_tighter in tighter:
        for name in names:
            was, is_ = old.get(name, none), new.get(name, none)
            if was != is_:
                effect: Literal["narrows", "widens"] = "narrows" if is_tighter(was, is_) else "widens"
                yield Change(path, effect, f"{name} {old.get(name)} became {new.get(name)}")
