import json
import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from schemas.errors import InvalidField
from schemas.requests import ResponseFormat
from tests.contracts import tiny
from workers.engines.grammar import Grammars, Matcher

TOKENIZER = tiny.tokenizer()
GRAMMARS = Grammars(TOKENIZER, len(TOKENIZER), frozenset({1}))


def schema(value: dict[str, Any]) -> ResponseFormat:
    return ResponseFormat(type="json_schema", json_schema=value)


def regex(pattern: str) -> ResponseFormat:
    return ResponseFormat(type="regex", pattern=pattern)


def walked(matcher: Matcher, chance: random.Random, most: int = 400) -> str:
    """An answer of tokens chosen blindly among those that are allowed."""
    said: list[int] = []
    while not matcher.complete and len(said) < most:
        allowed = (~matcher.forbidden()).nonzero().flatten().tolist()
        token = 1 if 1 in allowed else chance.choice(allowed)
        matcher.accept(token)
        said.append(token)
    return str(TOKENIZER.decode(said, skip_special_tokens=True))


PERSON = schema(
    {
        "type": "object",
        "properties": {"name": {"enum": ["Ann", "王芳"]}, "age": {"type": "integer", "minimum": 0, "maximum": 120}},
        "required": ["name", "age"],
        "additionalProperties": False,
    }
)


def a_person(text: str) -> bool:
    said = json.loads(text)
    return set(said) == {"name", "age"} and said["name"] in ("Ann", "王芳") and 0 <= said["age"] <= 120


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("form", "fits"),
    [
        (PERSON, a_person),
        (schema({"type": "array", "items": {"type": "boolean"}, "minItems": 2, "maxItems": 3}), json.loads),
        (schema({"anyOf": [{"const": 1}, {"const": "一"}]}), lambda text: json.loads(text) in (1, "一")),
        (regex(r"\d{3}-\d{4}"), re.compile(r"\d{3}-\d{4}").fullmatch),
        (regex("(yes|no|是|否)"), re.compile("(yes|no|是|否)").fullmatch),
        (
            regex("a/b\\n[\"']"),
            re.compile("a/b\\n[\"']").fullmatch,
        ),  # signs that mean something to the library's grammars
    ],
)
def test_whatever_is_chosen_the_answer_has_its_form(
    form: ResponseFormat, fits: Callable[[str], object], seed: int
) -> None:
    assert fits(walked(GRAMMARS.matcher(form), random.Random(seed)))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (schema({"type": "objekt"}), "objekt"),  # no such type
        (schema({"$ref": "#/$defs/missing"}), "missing"),  # points nowhere
        (schema({"$ref": "http://127.0.0.1:9/x"}), "not present"),  # nothing is fetched
        (schema({"type": "string", "not": {"const": "x"}}), "not"),  # a keyword that cannot be kept to
        (schema({"oneOf": [{"const": 1}, {"const": 2}]}), "anyOf"),  # with what to do about it
        (
            schema({"oneOf": [{"const": 1}, {"const": 2}], "x-guidance": {"coerce_one_of": True}}),
            "anyOf",
        ),  # no back door
        (schema({"type": "object", "properties": {"a": False}, "required": ["a"]}), "unsatisfiable"),
        (
            schema(
                {
                    "allOf": [
                        {"anyOf": [{"properties": {f"p{i}{j}": {"type": "string"}}} for j in range(6)]}
                        for i in range(8)
                    ]
                }
            ),
            "too large",  # explodes: 6 ** 8 alternatives
        ),
        (regex("("), "no regular expression"),
        (regex("(?=a)b"), "look-around"),
        (regex(r"(a)\1"), "backreferences"),
    ],
)
def test_a_form_that_cannot_be_kept_to_is_refused_before_the_first_token(form: ResponseFormat, said: str) -> None:
    with pytest.raises(InvalidField, match=said) as refused:
        GRAMMARS.matcher(form)
    assert (refused.value.param or "").startswith("response_format.")
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(
    "form",
    [
        regex("((a?){100}){100}"),
        regex(".*(a|b).{200}[ab].*c.{100}"),
        regex("(x{1,1000}){1,1000}"),
        schema({"type": "array", "items": {"type": "string", "minLength": 100_000}, "minItems": 10_000}),
        schema({"type": "string", "pattern": "(a|aa)*b{1,1000}(c{1,1000}){1,1000}"}),
        schema({"$defs": {"d": {"properties": {k: {"$ref": "#/$defs/d"} for k in "ab"}}}, "$ref": "#/$defs/d"}),
    ],
)
def test_no_form_takes_long(form: ResponseFormat) -> None:
    began = time.process_time()
    with suppress(InvalidField):
        walked(GRAMMARS.matcher(form), random.Random(1), most=50)
    assert time.process_time() - began < 5
