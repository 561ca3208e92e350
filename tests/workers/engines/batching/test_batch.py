"""Many generations in one batch: what each says, and what happens to the others when one fails or leaves."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import MistralConfig, MistralForCausalLM

from schemas.errors import HeadraceError, InternalError, Overloaded
from tests.contracts import tiny
from tests.workers.engines.batching.engines import FLOAT32, generated, running, say, say_all
from workers.engines.batching import scheduler
from workers.engines.batching.runner import Apart, Together
from workers.engines.causal import CausalEngine

PROMPTS = [
    ("The river and the turbines " * 9)[: 5 + 9 * number] + ("请给我讲一个故事" if number % 2 else "")
    for number in range(24)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FLOAT32, lambda device: False)


def runner_of(engine: CausalEngine) -> Any:
    assert engine._loaded
    return engine._loaded.batch._runner


@pytest.mark.usefixtures("float32")
async def test_each_says_what_the_library_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduler, "PREFILL", 32)  # prompts come in parts
    async with running(folder, slots=6) as engine:
        assert isinstance(runner_of(engine), Together)
        assert await say_all(engine, PROMPTS) == generated(folder, PROMPTS)


@pytest.mark.usefixtures("float32")
async def test_a_window_is_kept_to(tmp_path: Path) -> None:
    tiny.make(tmp_path)
    torch.manual_seed(5)
    config = MistralConfig.from_pretrained(tmp_path, sliding_window=16, initializer_range=0.4)
    MistralForCausalLM(config).save_pretrained(tmp_path)
    async with running(tmp_path) as engine:
        assert isinstance(runner_of(engine), Together)
        assert await say_all(engine, PROMPTS[::3]) == generated(tmp_path, PROMPTS[::3])


@pytest.mark.usefixtures("float32")
async def test_a_model_that_takes_no_attention_of_ours_runs_with_its_own(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.engines.batching.runner._may_be_batched", lambda model: False)
    async with running(folder, slots=4) as engine:
        assert isinstance(runner_of(engine), Apart)
        assert await say_all(engine, PROMPTS[::3]) == generated(folder, PROMPTS[::3])


@pytest.mark.parametrize("exact", [True, False], ids=["kernels repeat", "kernels do not"])
async def test_a_seed_says_the_same_alone_and_in_a_batch_of_32(folder: Path, exact: bool) -> None:
    chance: dict[str, Any] = {"temperature": 1.3, "top_p": 0.95, "seed": 5}
    async with running(folder) as engine:
        if not exact:
            runner_of(engine).exact = False
        assert engine.deterministic
        alone = [(await say(engine, prompt, **chance))[0] for prompt in PROMPTS[:3]]
        others = [say(engine, prompt, temperature=1.0) for prompt in (PROMPTS * 2)[:29]]
        among = asyncio.gather(*(say(engine, prompt, **chance) for prompt in PROMPTS[:3]))
        await asyncio.gather(*others)

        assert [text for text, _ in await among] == alone
        assert len(set(alone)) == 3


@pytest.mark.usefixtures("float32")
async def test_a_prefix_is_computed_once(folder: Path) -> None:
    shared = "今天的天气很好。" + "The river and the turbines in the mountains. " * 3
    prompts = [f"{shared}{name}" for name in ("Ann", "Paris", "谢谢您")]
    async with running(folder) as engine:
        fresh = [await say(engine, prompt, seed=1) for prompt in prompts]  # a seed shares nothing
        first = await say(engine, prompts[0])
        rest = await asyncio.gather(*(say(engine, prompt) for prompt in prompts))

    assert [text for text, _ in rest] == [text for text, _ in fresh]
    assert {usage.cached_tokens for _, usage in (*fresh, first)} == {0}
    assert all(usage.prompt_tokens > usage.cached_tokens >= 32 for _, usage in rest)


async def test_those_who_come_together_share_too(folder: Path) -> None:
    async with running(folder) as engine:
        usages = await asyncio.gather(*(say(engine, "The river and the turbines " * 8) for _ in range(4)))

    assert sorted(usage.cached_tokens > 0 for _, usage in usages) == [False, True, True, True]


@pytest.mark.usefixtures("float32")
async def test_who_leaves_makes_room_at_the_next_step(folder: Path) -> None:
    async with running(folder, slots=2) as engine:
        long = [asyncio.create_task(say(engine, prompt, max_tokens=190)) for prompt in PROMPTS[:2]]
        await asyncio.sleep(0.1)
        long[0].cancel()
        text, _ = await say(engine, PROMPTS[3])
        assert not long[1].done()
        long[1].cancel()

        assert [text] == generated(folder, PROMPTS[3:4])


@pytest.mark.usefixtures("float32")
async def test_what_is_no_number_ends_one_and_not_the_others(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, bad = Together.run, PROMPTS[2]

    async with running(folder) as engine:
        assert engine._loaded
        poisoned = engine._loaded._tokenizer(bad).input_ids

        def broken(self: Together, parts: Any) -> Any:
            made = run(self, parts)
            for part, logits in made:
                if part.sequence.prompt == poisoned and len(part.sequence.ids) > len(poisoned) + 3:
                    logits.fill_(torch.nan)
            return made

        with monkeypatch.context() as patch:
            patch.setattr(Together, "run", broken)
            said = await asyncio.gather(*(say(engine, prompt) for prompt in PROMPTS[:5]), return_exceptions=True)
        assert isinstance(said[2], InternalError)
        assert [each[0] for each in said if isinstance(each, tuple)] == generated(folder, PROMPTS[:2] + PROMPTS[3:5])
        assert [(await say(engine, bad))[0]] == generated(folder, [bad])


async def test_a_lack_of_memory_ends_the_newest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Together.run

    def scarce(self: Together, parts: Any) -> Any:
        if len(parts) > 3:
            raise torch.OutOfMemoryError
        return run(self, parts)

    async with running(folder) as engine:
        monkeypatch.setattr(Together, "run", scarce)
        said = await asyncio.gather(*(say(engine, prompt) for prompt in PROMPTS[:5]), return_exceptions=True)

    assert [isinstance(each, Overloaded) for each in said].count(True) == 2
    assert [isinstance(each, tuple) for each in said].count(True) == 3


@pytest.mark.usefixtures("float32")
async def test_when_room_runs_out_the_newest_waits_and_says_the_same(folder: Path) -> None:
    async with running(folder, slots=8) as engine:
        runner_of(engine)._cache._budget = 3 * 64 * runner_of(engine)._cache._token_bytes
        whole = "The river and the turbines in the mountains "
        said = await say_all(engine, [whole + str(number) for number in range(6)], max_tokens=40)
        with pytest.raises(HeadraceError, match="memory"):
            await say(engine, whole * 6, max_tokens=190)

        assert said == generated(folder, [whole + str(number) for number in range(6)], tokens=40)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
async def test_on_a_gpu_each_says_what_the_library_says(folder: Path) -> None:
    async with running(folder) as engine:
        assert isinstance(runner_of(engine), Together)
        assert await say_all(engine, PROMPTS) == generated(folder, PROMPTS)
