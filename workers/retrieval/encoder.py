"""Encoders in torch: tokens in, a vector or scores out (Reimers and Gurevych, 2019, "Sentence-BERT").

Imports torch: import this module only where a model is loaded.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from schemas.errors import ModelNotAvailable
from workers.models.threads import set_threads
from workers.retrieval.recipe import Pooling

if TYPE_CHECKING:
    import numpy as np

    from workers.retrieval.tokens import Arrays


class SentenceEncoder(torch.nn.Module):
    """One vector [texts, dimensions] of length 1 for each text."""

    def __init__(self, model: Any, pooling: Pooling) -> None:
        super().__init__()
        self.model, self.pooling = model, pooling

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Each argument is [texts, tokens], padded after the end."""
        states = self.model(**_given(input_ids, attention_mask, token_type_ids)).last_hidden_state
        return torch.nn.functional.normalize(pooled(states, attention_mask, self.pooling), dim=-1)


class Scorer(torch.nn.Module):
    """The logits [texts, labels] of a model for sequence classification."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Each argument is [texts, tokens], padded after the end."""
        logits: torch.Tensor = self.model(**_given(input_ids, attention_mask, token_type_ids)).logits
        return logits


def _given(ids: torch.Tensor, mask: torch.Tensor, types: torch.Tensor | None) -> dict[str, torch.Tensor]:
    given = {"input_ids": ids, "attention_mask": mask}
    return given if types is None else {**given, "token_type_ids": types}


def pooled(states: torch.Tensor, mask: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """One vector [texts, dimensions] of ``states`` [texts, tokens, dimensions] where ``mask`` [texts, tokens] is 1."""
    if pooling == "first":
        return states[:, 0]
    if pooling == "last":
        last = mask.sum(dim=1) - 1
        return states.gather(1, last[:, None, None].expand(-1, 1, states.shape[-1])).squeeze(1)
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)


class TorchRuntime:
    """Runs a network in float32, on CUDA where there is one."""

    def __init__(self, network: torch.nn.Module, threads: int) -> None:
        self._threads = threads
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._network = network.to(self._device)

    def __call__(self, arrays: "Arrays") -> "np.ndarray[Any, Any]":
        """What the network makes of padded rows: [texts, dimensions or labels]."""
        set_threads(self._threads)  # in the thread that runs it, which need not be the one that loaded it
        given = {name: torch.from_numpy(array).to(self._device) for name, array in arrays.items()}
        with torch.inference_mode():
            out: np.ndarray[Any, Any] = self._network(**given).cpu().numpy()
            return out


def load(path: Path, *, labels: bool, padding: int) -> Any:
    """The model of transformers in a folder, in float32: an encoder, or one with ``labels``.

    Raises:
        ModelNotAvailable: its weights are missing, damaged, not finite or of another kind of model.
    """
    from transformers import AutoModel, AutoModelForSequenceClassification

    kind = AutoModelForSequenceClassification if labels else AutoModel
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False, "use_safetensors": True}
    try:
        model, found = kind.from_pretrained(path, dtype=torch.float32, output_loading_info=True, **options)
    except Exception as error:  # what a damaged file leads to is not for us to list
        raise ModelNotAvailable(
            f"{path.name} holds no {'classification' if labels else 'encoder'} model that can be loaded "
            f"({type(error).__name__}); check its architecture, then fetch it again"
        ) from error
    absent = {str(name) for name in (*found["missing_keys"], *found["mismatched_keys"])}
    if not labels:
        absent = {name for name in absent if not name.startswith("pooler.")}  # what pools here is not the model's
    if absent:
        raise ModelNotAvailable(f"{path.name} lacks the weights of {min(absent)}: it is another kind of model")
    if model.config.is_encoder_decoder:
        raise ModelNotAvailable(f"{path.name} has a decoder of its own; only encoders are run here")
    if not all(bool(weights.isfinite().all()) for weights in model.parameters()):
        raise ModelNotAvailable(f"{path.name} has weights that are no finite numbers; fetch it again")
    model.config.use_cache = False
    if model.config.pad_token_id is None:
        model.config.pad_token_id = padding
    return model.eval().requires_grad_(False)
