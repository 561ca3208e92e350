import threading
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from schemas.errors import Cancelled, TrainingFailed
from schemas.training import TrainingSettings
from tests.workers.training.tiny import base
from workers.models.base import Base
from workers.training import lora
from workers.training.encoding import Row

ROWS = [Row.of([40 + n, 41], [50, 51, 1]) for n in range(6)]
SETTINGS = TrainingSettings(learning_rate=0.01, epochs=2, batch_size=2)
LOGITS = torch.tensor([[5, 6, 7, 8]])


def train(on: Base, out: Path, settings: TrainingSettings = SETTINGS) -> torch.Tensor:
    """Saves an adapter and gives the logits of the model that it was trained on, [1, 4, 258]."""
    with lora.fresh(on, settings) as model:
        lora.fit(model, ROWS, settings, step_done=lambda *_: None, cancel=threading.Event())
        lora.save(model, "tiny", out)
        with torch.no_grad():
            logits: torch.Tensor = model(LOGITS).logits
    return logits


def test_what_is_saved_is_safetensors_and_gives_the_same_logits_again(tmp_path: Path) -> None:
    logits = train(base(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter_config.json", "adapter_model.safetensors"]
    with lora.attached(base(), tmp_path) as model, torch.no_grad():
        assert torch.equal(model(LOGITS).logits, logits)


def test_the_base_is_bare_again_afterwards(tmp_path: Path) -> None:
    one = base()
    before = one.model(LOGITS).logits
    trained = train(one, tmp_path)
    with lora.attached(one, tmp_path):
        pass
    assert torch.equal(one.model(LOGITS).logits, before)
    assert not torch.equal(trained, before)
    with lora.attached(one, None) as model:
        assert model is one.model


@pytest.mark.parametrize(("seed", "same"), [(0, True), (1, False)])
def test_a_seed_decides_every_byte(tmp_path: Path, seed: int, same: bool) -> None:
    train(base(), tmp_path / "a")
    torch.rand(7)  # whatever else has drawn numbers
    train(base(), tmp_path / "b", SETTINGS.model_copy(update={"seed": seed}))
    assert ((tmp_path / "a" / lora.WEIGHTS).read_bytes() == (tmp_path / "b" / lora.WEIGHTS).read_bytes()) is same
    assert (tmp_path / "a" / lora.CONFIG).read_bytes() == (tmp_path / "b" / lora.CONFIG).read_bytes()


def test_shapes_are_those_of_the_attention_projections(tmp_path: Path) -> None:
    train(base(), tmp_path)
    shapes = {
        name.rpartition("self_attn.")[2]: tuple(weight.shape)
        for name, weight in load_file(tmp_path / lora.WEIGHTS).items()
    }
    assert shapes == {f"{p}.lora_{m}.weight": s for p in lora.ATTENTION for m, s in (("A", (8, 32)), ("B", (32, 8)))}


def test_progress_counts_every_step_and_the_loss_falls() -> None:
    told: list[tuple[int, int, float]] = []
    settings = SETTINGS.model_copy(update={"epochs": 10})
    with lora.fresh(base(), settings) as model:
        lora.fit(model, ROWS, settings, step_done=lambda *step: told.append(step), cancel=threading.Event())
    assert [step for step, _, _ in told] == list(range(1, 31))
    assert {steps for _, steps, _ in told} == {30}
    assert told[-1][2] < told[0][2] * 0.8


def test_a_cancelled_training_stops_within_a_step() -> None:
    cancel, told = threading.Event(), []

    def step_done(step: int, _: int, __: float) -> None:
        told.append(step)
        if step == 2:
            cancel.set()

    with pytest.raises(Cancelled), lora.fresh(base(), SETTINGS) as model:
        lora.fit(model, ROWS, SETTINGS, step_done=step_done, cancel=cancel)
    assert told == [1, 2]


def test_a_loss_that_is_no_number_stops_the_training() -> None:
    broken = base()
    with torch.no_grad():
        broken.model.lm_head.weight[50] = float("nan")
    with (
        pytest.raises(TrainingFailed, match="not a number at step 1 of 6; lower learning_rate"),
        lora.fresh(broken, SETTINGS) as model,
    ):
        lora.fit(model, ROWS, SETTINGS, step_done=lambda *_: None, cancel=threading.Event())


@pytest.mark.parametrize(
    ("step", "steps", "factor"),
    [(0, 20, 0.5), (1, 20, 1.0), (2, 20, 18 / 19), (19, 20, 1 / 19), (0, 1, 1.0), (0, 3, 1.0), (2, 3, 1 / 3)],
)
def test_the_rate_rises_then_falls_to_zero(step: int, steps: int, factor: float) -> None:
    assert lora.rate(step, steps) == pytest.approx(factor)
