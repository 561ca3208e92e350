"""Adapters of all methods in one batch, against what peft says with one alone."""

import asyncio
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import (
    IA3Config,
    LoraConfig,
    PeftConfig,
    PeftModel,
    PrefixTuningConfig,
    PromptEncoderConfig,
    PromptTuningConfig,
    get_peft_model,
)
from safetensors.torch import load_file, save_file

from schemas.errors import ContextTooLong, ModelNotAvailable
from tests.contracts import tiny
from tests.workers.engines.batching.engines import FLOAT32, TARGETS, generated, pin_of, running, say
from workers.engines.batching import runner
from workers.models.base import load
from workers.training.lora import save

PROMPT = "The river and the turbines. 请给我讲一个故事"
VIRTUAL = 40
KIND = {"task_type": "CAUSAL_LM"}
CONFIGS: Mapping[str, Callable[[], PeftConfig]] = {
    "lora": lambda: LoraConfig(**KIND, r=4, target_modules=TARGETS, init_lora_weights=False),
    "ia3": lambda: IA3Config(
        **KIND, target_modules=TARGETS, feedforward_modules=["down_proj", "gate_proj"], init_ia3_weights=False
    ),
    "prefix": lambda: PrefixTuningConfig(**KIND, num_virtual_tokens=VIRTUAL),
    "prompt": lambda: PromptTuningConfig(**KIND, num_virtual_tokens=VIRTUAL),
    "p-tuning": lambda: PromptEncoderConfig(**KIND, num_virtual_tokens=7, encoder_hidden_size=16),
}
NUMBERS = {name: at for at, name in enumerate(CONFIGS)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def made(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("adapters")
    for seed, (name, config) in enumerate(CONFIGS.items()):
        torch.manual_seed(seed)
        model = get_peft_model(load(folder).model, config())
        for parameter in model.parameters():
            if parameter.requires_grad and name in ("prefix", "prompt"):
                torch.nn.init.normal_(parameter)
        save(model, "tiny", place / name)
    return {name: place / name for name in CONFIGS}


@pytest.fixture(autouse=True)
def float32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FLOAT32, lambda device: False)


def by_peft(folder: Path, adapter: Path) -> str:
    base = load(folder)
    model: Any = PeftModel.from_pretrained(base.model, str(adapter))
    ids = base.tokenizer(PROMPT, return_tensors="pt").input_ids
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # it says that it counts positions itself
        out = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=16, do_sample=False)
    return str(base.tokenizer.decode(out[0, ids.shape[1] :], skip_special_tokens=True)).rstrip("\ufffd")


@pytest.mark.parametrize("batched", [True, False], ids=["together", "apart"])
async def test_all_methods_in_one_batch(
    folder: Path, made: dict[str, Path], batched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not batched:
        monkeypatch.setattr(runner, "_may_be_batched", lambda model: False)
    shelf = {pin_of(NUMBERS[name]).sha256: place for name, place in made.items()}
    async with running(folder, shelf, adapters=len(made)) as engine:
        pins = [*(pin_of(NUMBERS[name]) for name in made), None]
        said = await asyncio.gather(*(say(engine, PROMPT, pin) for pin in pins * 2))

    wanted = [by_peft(folder, place) for place in made.values()] + generated(folder, [PROMPT])
    assert [text for text, _ in said] == wanted * 2
    assert len(set(wanted)) == len(wanted)
    assert len({usage.prompt_tokens for _, usage in said}) == 1


async def test_places_are_used_again(folder: Path, made: dict[str, Path]) -> None:
    """What an adapter left in a place does not change what the next one there says."""
    shelf = {pin_of(NUMBERS[name]).sha256: place for name, place in made.items()}
    async with running(folder, shelf, adapters=1) as engine:
        said = [(await say(engine, PROMPT, pin_of(NUMBERS[name])))[0] for name in (*made, *made)]
        none, _ = await say(engine, PROMPT)

    assert said == [by_peft(folder, place) for place in made.values()] * 2
    assert [none] == generated(folder, [PROMPT])


@pytest.mark.parametrize("name", ["prefix", "prompt"])
async def test_what_stands_before_is_shared_and_not_counted(folder: Path, made: dict[str, Path], name: str) -> None:
    pin, long = pin_of(NUMBERS[name]), PROMPT * 3
    async with running(folder, {pin.sha256: made[name]}) as engine:
        first, before = await say(engine, long, pin)
        again, after = await say(engine, long, pin)
        alone, _ = await say(engine, long, pin, temperature=1.0, seed=4)
        among, *_ = await asyncio.gather(
            say(engine, long, pin, temperature=1.0, seed=4), *(say(engine, PROMPT, pin) for _ in range(7))
        )

    assert (again, among[0]) == (first, alone)
    assert (before.cached_tokens, before.prompt_tokens) == (0, after.prompt_tokens)
    assert 0 < after.cached_tokens < after.prompt_tokens


async def test_no_room_is_left(folder: Path, made: dict[str, Path]) -> None:
    pin = pin_of(NUMBERS["prefix"])
    async with running(folder, {pin.sha256: made["prefix"]}) as engine:
        _, usage = await say(engine, PROMPT, max_tokens=1)
        fitting = "a" * (tiny.CONTEXT - usage.prompt_tokens)
        with pytest.raises(ContextTooLong):
            await say(engine, PROMPT + fitting, pin)


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("prefix", lambda held: held[:, :-1], "size mismatch"),
        ("prompt", lambda held: held.repeat(50, 1), "2000 virtual tokens"),
        ("p-tuning", lambda held: held * float("nan"), "no number"),
        ("ia3", lambda held: held.repeat(2, 1), "size mismatch"),
    ],
)
async def test_weights_that_do_not_fit(
    folder: Path,
    made: dict[str, Path],
    tmp_path: Path,
    name: str,
    change: Callable[[torch.Tensor], torch.Tensor],
    why: str,
) -> None:
    broken, weights = tmp_path / "broken", load_file(made[name] / "adapter_model.safetensors")
    broken.mkdir()
    save_file({key: change(held).contiguous() for key, held in weights.items()}, broken / "adapter_model.safetensors")
    (broken / "adapter_config.json").write_text((made[name] / "adapter_config.json").read_text())
    async with running(folder, {pin_of(0).sha256: broken}) as engine:
        with pytest.raises(ModelNotAvailable, match=why):
            await say(engine, PROMPT, pin_of(0))
