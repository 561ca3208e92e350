"""Sentence embeddings by an encoder of transformers (Reimers and Gurevych, 2019, "Sentence-BERT")."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from schemas.errors import HeadraceError, InternalError, ModelNotAvailable, Overloaded
from schemas.results import Usage
from workers.models.manifest import EmbeddingEntry
from workers.models.threads import set_threads

log = logging.getLogger(__name__)


class TransformerEmbedder:
    """An ``Embedder``. A text longer than the entry's ``context`` is cut there: its vector is that of its beginning,
    and only the tokens read are counted."""

    def __init__(self, entry: EmbeddingEntry, path: Path) -> None:
        self._entry, self._path = entry, path
        self._thread: ThreadPoolExecutor | None = None
        self._encoder: Encoder | None = None

    async def start(self) -> None:
        """Load the model. Raises ``ModelNotAvailable`` when the files are no such model or torch is not installed."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"embedder-{self._entry.name}")
        self._encoder = await asyncio.get_running_loop().run_in_executor(self._thread, Encoder, self._entry, self._path)

    async def stop(self) -> None:
        """Free the model."""
        thread, self._thread, self._encoder = self._thread, None, None
        if thread:
            await asyncio.to_thread(thread.shutdown, cancel_futures=True)

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], Usage]:
        """See ``Embedder``; raises ``Overloaded`` and ``InternalError``."""
        vectors: list[list[float]] = []
        tokens = 0
        for start in range(0, len(texts), self._entry.options.batch):
            part, count = await self._run(texts[start : start + self._entry.options.batch])
            vectors += part
            tokens += count
        return vectors, Usage(prompt_tokens=tokens)

    async def _run(self, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        if self._thread is None or self._encoder is None:
            raise Overloaded(f"{self._entry.name} is not running")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._encoder, list(texts))
        except HeadraceError:
            raise
        except Exception as error:
            log.exception("a defect in the embedder", extra={"model": self._entry.name})
            raise InternalError(f"{self._entry.name} failed with {type(error).__name__}") from error


class Encoder:
    """The model in memory, in float32."""

    def __init__(self, entry: EmbeddingEntry, path: Path) -> None:
        try:
            import torch
            from transformers import AutoModel, AutoTokenizer
        except ImportError as error:
            raise ModelNotAvailable(
                f"{entry.name} needs {error.name}, which is not installed: pip install 'headrace[text]'"
            ) from error
        options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(path, **options)
            model = AutoModel.from_pretrained(path, dtype=torch.float32, use_safetensors=True, **options)
        except (OSError, ValueError, KeyError) as error:
            raise ModelNotAvailable(
                f"{entry.name} cannot be loaded from {path} ({type(error).__name__}); pull it again"
            ) from error
        set_threads(entry.options.threads)
        self._model = model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        self._context = min(entry.context, model.config.max_position_embeddings)
        self._first = entry.options.pooling == "first"

    def __call__(self, texts: Sequence[str]) -> tuple[list[list[float]], int]:
        """Vectors [texts][dimensions], each of length 1, and the number of tokens read."""
        import torch

        given = self._tokenizer(texts, padding=True, truncation=True, max_length=self._context, return_tensors="pt").to(
            self._model.device
        )
        with torch.inference_mode():
            states = self._model(**given).last_hidden_state
            mask = given["attention_mask"]
            vectors = states[:, 0] if self._first else mean(states, mask)
            return torch.nn.functional.normalize(vectors, dim=-1).tolist(), int(mask.sum())


def mean(states: Any, mask: Any) -> Any:
    """The mean [texts, dimensions] of ``states`` [texts, tokens, dimensions] where ``mask`` [texts, tokens] is 1."""
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1)
