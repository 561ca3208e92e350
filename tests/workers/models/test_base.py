from pathlib import Path

import pytest
import torch

from schemas.errors import ModelNotAvailable
from tests.workers.training import tiny
from workers.models.base import load


def test_a_saved_model_is_loaded_with_its_template(tmp_path: Path) -> None:
    made = tiny.base()
    made.model.save_pretrained(tmp_path)
    made.tokenizer.save_pretrained(tmp_path)
    loaded = load(tmp_path)
    assert loaded.tokenizer.chat_template == tiny.TEMPLATE
    ids = torch.tensor([[5, 6, 7]])
    same = loaded.model.float().cpu()(ids).logits
    assert torch.allclose(same, made.model(ids).logits, atol=0.1)


@pytest.mark.parametrize("name", ["", "model.gguf"])
def test_what_is_no_model_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "model.gguf").write_bytes(b"not a model")
    with pytest.raises(ModelNotAvailable, match="pull it again"):
        load(tmp_path / name)
