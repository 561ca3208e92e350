"""What every engine does alike: the double, a model in this process, and a server somewhere else."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import ContextTooLong, InvalidField, ModelNotAvailable
from schemas.requests import Message, Sampling
from schemas.work import AdapterPin
from tests.contracts import making, tiny
from workers.engines.echo import Echo
from workers.engines.llamacpp import LlamacppEngine
from workers.engines.openvino import OpenvinoEngine
from workers.engines.port import Engine, Generation, Piece

QUESTION = "What is the capital of France? 请问法国的首都是哪里？Tell me a story of the river."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(params=making.KINDS)
async def engine(request: pytest.FixtureRequest, folder: Path) -> AsyncIterator[Engine]:
    """One slot each, so that a slot that is not freed blocks the next generation."""
    async with making.started(request.param, folder, slots=1) as made:
        yield made


async def ask(engine: Engine, text: str = QUESTION, *, raw: bool = False, **sampling: Any) -> list[Piece]:
    chosen = Sampling.model_validate({"max_tokens": 24, **sampling})
    messages = () if raw else (Message(role="system", content="Be brief."), Message(role="user", content=text))
    generation = Generation(messages, text if raw else None, chosen)
    return [piece async for piece in engine.generate(generation)]


def text_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


async def test_streams_and_says_at_the_end_how_it_ended(engine: Engine) -> None:
    pieces = await ask(engine)

    assert len(pieces) > 2
    assert all(piece.text for piece in pieces[:-1])
    assert [piece.finish_reason is None and piece.usage is None for piece in pieces] == [True] * (len(pieces) - 1) + [
        False
    ]
    assert pieces[-1].usage
    assert pieces[-1].usage.prompt_tokens > 5


async def test_max_tokens_ends_with_length(engine: Engine) -> None:
    last = (await ask(engine, max_tokens=3))[-1]

    assert last.finish_reason == "length"
    assert last.usage
    assert last.usage.completion_tokens == 3


async def test_greedy_says_the_same_again(engine: Engine) -> None:
    assert text_of(await ask(engine)) == text_of(await ask(engine))


@pytest.mark.parametrize("size", [1, 3, 7])
async def test_stops_before_a_stop_string_wherever_tokens_end(engine: Engine, size: int) -> None:
    whole = text_of(await ask(engine))
    stop = whole[len(whole) // 2 : len(whole) // 2 + size]

    pieces = await ask(engine, stop=[stop, "never said"])

    assert text_of(pieces) == whole[: whole.index(stop)]
    assert pieces[-1].finish_reason == "stop"


async def test_a_stop_string_that_does_not_come_changes_nothing(engine: Engine) -> None:
    whole = text_of(await ask(engine))

    assert text_of(await ask(engine, stop=[whole[-4:] + "\x00"])) == whole


async def test_leaving_frees_the_slot(engine: Engine) -> None:
    for _ in range(3):
        pieces = aiter(engine.generate(Generation((Message(role="user", content=QUESTION),))))
        assert (await anext(pieces)).text
        await pieces.aclose()  # type: ignore[attr-defined]  # every engine's iterator is a generator

    assert text_of(await ask(engine))


async def test_a_seed_repeats_what_chance_chose(engine: Engine) -> None:
    if not engine.deterministic:
        pytest.skip("it does not say that it is deterministic")
    first, second = [text_of(await ask(engine, temperature=1.2, top_p=0.9, seed=11)) for _ in range(2)]

    assert first == second


async def test_json_mode_gives_an_object_or_is_refused_by_name(engine: Engine) -> None:
    if isinstance(engine, OpenvinoEngine | LlamacppEngine):
        with pytest.raises(InvalidField, match="response_format"):
            await ask(engine, response_format={"type": "json_object"})
        return
    ended = []
    for seed in range(30):
        options: dict[str, Any] = {
            "temperature": 1.0,
            "seed": seed,
            "max_tokens": 150,
            "response_format": {"type": "json_object"},
        }
        pieces = await ask(engine, "JSON, please: 姓名", **options)
        assert text_of(pieces).startswith("{")
        if pieces[-1].finish_reason == "stop":
            ended.append(json.loads(text_of(pieces)))
        if len(ended) == 3:
            break

    assert len(ended) == 3
    assert all(isinstance(value, dict) for value in ended)


async def test_a_raw_prompt_is_continued(engine: Engine) -> None:
    assert text_of(await ask(engine, raw=True))


async def test_a_prompt_over_the_context_is_refused_with_numbers(engine: Engine) -> None:
    with pytest.raises(ContextTooLong, match=str(tiny.CONTEXT)):
        await ask(engine, "word " * 600)

    assert text_of(await ask(engine))


async def test_an_adapter_that_is_not_there_is_refused_and_the_next_is_answered(engine: Engine) -> None:
    if isinstance(engine, Echo):
        pytest.skip("the double takes any adapter")
    pin = AdapterPin(name="tiny", version="1", uri="objects/aa", sha256="a" * 64)
    with pytest.raises((InvalidField, ModelNotAvailable), match="adapter"):
        [piece async for piece in engine.generate(Generation(prompt=QUESTION, adapter=pin))]

    assert text_of(await ask(engine))


@pytest.mark.parametrize("kind", making.KINDS)
async def test_several_at_once_are_all_answered(kind: str, folder: Path) -> None:
    async with making.started(kind, folder, slots=4) as engine:
        answers = await asyncio.gather(*(ask(engine, f"{QUESTION} {number}") for number in range(8)))

        assert all(text_of(pieces) for pieces in answers)
        assert [pieces[-1].finish_reason in ("stop", "length") for pieces in answers] == [True] * 8
        assert all(pieces[-1].usage for pieces in answers)


@pytest.mark.parametrize("kind", making.KINDS)
async def test_one_that_is_left_does_not_hold_up_the_others(kind: str, folder: Path) -> None:
    async with making.started(kind, folder, slots=2) as engine:
        left = engine.generate(Generation((Message(role="user", content=QUESTION),)))
        assert (await anext(left)).text
        staying = asyncio.create_task(ask(engine))
        await left.aclose()

        assert text_of(await staying)
