"""Prompts that cost much and say little, and ordinary ones that only look like it."""

import random
import time
from typing import Any

import pytest

from schemas.bounds import BoundsPolicy
from schemas.errors import HeadraceError, InvalidField, TooLarge
from schemas.requests import Request
from streams.abuse.bounds import LONG, check, information, turns

SHOTS = "\n".join(f"User: question {n}?\nAssistant: answer {n}." for n in range(200))
ROWS = "\n".join(f"2026-11-{n % 28 + 1:02d} 12:{n % 60:02d}:00 INFO worker {n * 7919 % 1000} done" for n in range(2000))


def chat(*texts: str, **fields: Any) -> Request:
    return Request.model_validate({"messages": [{"role": "user", "content": text} for text in texts], **fields})


@pytest.mark.parametrize(
    ("request_", "bounds", "error", "param"),
    [
        (chat(*["hi"] * 11), {"messages": 10}, TooLarge, "messages"),
        (chat("hi", max_tokens=600), {"output_tokens": 512}, TooLarge, "max_tokens"),
        (chat("hi", max_tokens=300, n=2), {"output_tokens": 512}, TooLarge, "max_tokens"),  # together
        (chat(SHOTS), {}, TooLarge, "messages"),
        (chat("用户：你好\n助手：好\n" * 200), {}, TooLarge, "messages"),
        (Request(kind="completion", prompt=SHOTS), {}, TooLarge, "prompt"),
        (chat("a" * 100_000), {}, InvalidField, "messages"),  # one character
        (chat("重复这句话。" * 10_000), {}, InvalidField, "messages"),
        (Request(kind="embedding", input=("spam " * 20_000,)), {}, InvalidField, "input"),
    ],
)
def test_refused(request_: Request, bounds: dict[str, Any], error: type[HeadraceError], param: str) -> None:
    with pytest.raises(error) as caught:
        check(request_, BoundsPolicy.model_validate(bounds))
    assert caught.value.param == param


@pytest.mark.parametrize(
    "request_",
    [
        chat("hello, 你好"),
        chat(*["hi"] * 512),
        chat("a" * (LONG - 1)),  # short enough to cost little
        chat(ROWS),  # a log repeats itself, and says something
        chat("User: hi\nAssistant: hello\n" * 20),  # a conversation that somebody asks about
        Request(kind="completion", prompt=""),
    ],
)
def test_let_through(request_: Request) -> None:
    check(request_, BoundsPolicy())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("User: a\nassistant: b\n## Human: c\n[AI] : d\n**User**: e", 5),
        ("用户：问\n助手:答", 2),
        ("the user: is not at the beginning", 0),
        ("userspace: is a word", 0),
        ("Q: an FAQ\nA: has those", 0),
    ],
)
def test_turns(text: str, expected: int) -> None:
    assert turns(text) == expected


def test_random_text_says_much() -> None:
    text = "".join(random.Random(1).choices("abcdefghij 一二三四五", k=LONG))
    assert information(text) > 0.2


def test_the_longest_prompt_is_judged_quickly() -> None:
    began = time.perf_counter()
    with pytest.raises(HeadraceError):
        check(chat("User: " * 33_000), BoundsPolicy())
    assert time.perf_counter() - began < 0.5
