"""One loaded encoder, its batches and its life; what embedders, rerankers and classifiers have in common."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from schemas.errors import HeadraceError, InternalError, ModelNotAvailable, Overloaded
from schemas.results import Usage
from workers.models.manifest import EmbeddingEntry, EncoderEntry
from workers.retrieval.batching import Batcher
from workers.retrieval.tokens import Arrays, Long, Tokeniser, Tokens

if TYPE_CHECKING:
    import numpy as np
    import torch

log = logging.getLogger(__name__)

Given = TypeVar("Given")
Forward = Callable[[Arrays], "np.ndarray[Any, Any]"]

PROBE = ("What waits goes together.", "河水经过引水渠流向水轮机。 The river runs through the headrace to the turbines.")


class Row(NamedTuple):
    """What the model gave for one text: its vector or logits."""

    values: list[float]
    tokens: int


@dataclass(frozen=True)
class Loaded:
    """A tokenizer and a network, warm."""

    tokeniser: Tokeniser
    forward: Forward

    def __call__(self, rows: Sequence[Tokens]) -> list[Row | HeadraceError]:
        """One row for each; an error of its own for a text that gives no finite numbers."""
        import numpy as np

        out = self.forward(self.tokeniser.padded(rows))
        return [
            Row(values.tolist(), len(row.ids))
            if np.isfinite(values).all()
            else InternalError("the model gave no finite numbers for this text")
            for row, values in zip(rows, out, strict=True)
        ]


class TextModel(Generic[Given]):
    """Loads at ``start``, then runs ``Given`` things: texts, or pairs of texts.

    Args:
        prepare: how the tokeniser makes tokens of what a call gives.
        long: what becomes of a text that is longer than the model reads.
        check: looks at the loaded model; raises ``ModelNotAvailable`` when it does not serve its purpose.
    """

    def __init__(
        self,
        entry: EncoderEntry,
        path: Path,
        state: Path,
        prepare: Callable[[Tokeniser, Sequence[Given]], Sequence[Tokens]],
        *,
        long: Long,
        check: Callable[[Any], None] = lambda config: None,
    ) -> None:
        self._entry, self._path, self._state = entry, path, state
        self._prepare, self._long, self._check = prepare, long, check
        self._batcher: Batcher[Given, Tokens, Row] | None = None
        self.config: Any = None

    async def start(self) -> None:
        """Load and warm up. Raises ``ModelNotAvailable``: no such model in the files, or a library is missing."""
        loaded = await asyncio.to_thread(load, self._entry, self._path, self._state, self._long, self._check)
        self.config = loaded.tokeniser.config
        options = self._entry.options
        self._batcher = Batcher(
            lambda given: self._prepare(loaded.tokeniser, given),
            loaded,
            lambda row: len(row.ids),
            tokens=options.batch_tokens,
            room=options.waiting,
        )

    async def stop(self) -> None:
        """Refuse what waits, and free the model."""
        batcher, self._batcher = self._batcher, None
        if batcher:
            await batcher.stop()

    async def run(self, given: Sequence[Given]) -> tuple[list[list[float]], Usage]:
        """The values for each, in order, and the tokens read.

        Raises:
            Overloaded: too much waits, or not running.
            InvalidField, ContextTooLong: a text that cannot be read; the message says which.
            InternalError: the model failed on a text.
        """
        if self._batcher is None:
            raise Overloaded(f"{self._entry.name} is not running")
        try:
            rows = await self._batcher(given) if given else []
        except HeadraceError:
            raise
        except Exception as error:
            log.exception("a defect in an encoder", extra={"model": self._entry.name})
            raise InternalError(f"{self._entry.name} failed with {type(error).__name__}") from error
        return [row.values for row in rows], Usage(prompt_tokens=sum(row.tokens for row in rows))


def load(entry: EncoderEntry, path: Path, state: Path, long: Long, check: Callable[[Any], None]) -> Loaded:
    """See ``TextModel.start``."""
    try:
        return _load(entry, path, state, long, check)
    except ImportError as error:
        raise ModelNotAvailable(
            f"{entry.name} needs {error.name}, which is not installed: pip install 'headrace[text]'"
        ) from error
    except HeadraceError as error:
        raise ModelNotAvailable(f"{entry.name}: {error.message}") from error
    except Exception as error:  # what a damaged folder leads to in a tokenizer is not for us to list
        raise ModelNotAvailable(
            f"{entry.name} cannot be loaded from {path} ({type(error).__name__}); pull it again"
        ) from error


def _load(entry: EncoderEntry, path: Path, state: Path, long: Long, check: Callable[[Any], None]) -> Loaded:
    from workers.retrieval.recipe import Recipe

    embeds = isinstance(entry, EmbeddingEntry)
    recipe = Recipe.read(path) if embeds else Recipe()
    pooling = entry.options.pooling or recipe.pooling if isinstance(entry, EmbeddingEntry) else recipe.pooling
    tokeniser = Tokeniser(path, min(entry.context, recipe.tokens or entry.context), long)
    check(tokeniser.config)

    def network() -> "torch.nn.Module":
        from workers.retrieval import encoder

        model = encoder.load(path, labels=not embeds, padding=tokeniser.padding)
        return encoder.SentenceEncoder(model, pooling) if embeds else encoder.Scorer(model)

    rows = tokeniser.texts(PROBE)
    forward: Forward
    if entry.options.runtime == "onnx":
        from workers.retrieval.onnx import kept

        forward = kept(entry, path, state, network, f"{entry.engine} {pooling}", tokeniser.padded(rows))
    else:
        from workers.retrieval.encoder import TorchRuntime

        forward = TorchRuntime(network(), entry.options.threads)
    loaded = Loaded(tokeniser, forward)
    for row in loaded(rows):
        if isinstance(row, HeadraceError):
            raise row
    return loaded
