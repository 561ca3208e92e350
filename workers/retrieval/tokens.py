"""Texts to tokens, once a text; rows of tokens to the arrays that a model takes."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from schemas.errors import ContextTooLong, InvalidField, ModelNotAvailable

if TYPE_CHECKING:
    import numpy as np

Arrays = dict[str, "np.ndarray[Any, np.dtype[np.int64]]"]
"""``input_ids``, ``attention_mask`` and, where the model takes it, ``token_type_ids``: each [texts, tokens]."""

Long = Literal["cut", "refuse"]


class Tokens(NamedTuple):
    """One text, or a pair of texts, with the tokens that mark where they begin and end."""

    ids: list[int]
    types: list[int]


class Tokeniser:
    """The tokenizer in a model's folder. ``context`` is the most tokens that a text may have; a longer one is cut
    or refused. Safe to be used by several threads."""

    def __init__(self, path: Path, context: int, long: Long) -> None:
        from transformers import AutoConfig, AutoTokenizer

        options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        self.config = AutoConfig.from_pretrained(path, **options)
        loaded = AutoTokenizer.from_pretrained(path, **options)
        inner = getattr(loaded, "backend_tokenizer", None)
        if inner is None:
            raise ModelNotAvailable(
                f"{path.name} has no tokenizer.json, which is needed; save it with a fast tokenizer"
            )
        self.context = min(context, loaded.model_max_length, _positions(self.config))
        self.padding: int = loaded.pad_token_id or 0
        self._typed = "token_type_ids" in loaded.model_input_names
        self._inner = inner
        inner.no_padding()
        inner.no_truncation()
        if long == "cut":
            inner.enable_truncation(self.context)

    def texts(self, texts: Sequence[str]) -> list[Tokens]:
        """Raises ``InvalidField`` for a text of no tokens, ``ContextTooLong`` for one too long that is not cut."""
        made = [_tokens(one) for one in self._inner.encode_batch(list(texts))]
        for number, each in enumerate(made):
            if not each.ids:
                raise InvalidField(f"text {number} has no tokens; leave empty texts out", param="input")
            if len(each.ids) > self.context:
                raise ContextTooLong(
                    f"text {number} has {len(each.ids)} tokens, the model reads {self.context}: send it in parts",
                    param="input",
                )
        return made

    def pairs(self, query: str, texts: Sequence[str]) -> list[Tokens]:
        """The query with each text; a text is cut so that both fit. Raises ``ContextTooLong`` when none would."""
        asked = self._inner.encode(query, add_special_tokens=False)
        room = self.context - self._inner.num_special_tokens_to_add(True)
        if len(asked.ids) >= room:
            raise ContextTooLong(
                f"the query takes {len(asked.ids)} of the {room} tokens that it and a text may have: shorten it",
                param="query",
            )
        answers = self._inner.encode_batch(list(texts), add_special_tokens=False)
        for answer in answers:
            answer.truncate(room - len(asked.ids))
        return [_tokens(self._inner.post_process(asked, answer)) for answer in answers]

    def padded(self, rows: Sequence[Tokens]) -> Arrays:
        """The rows, as long as the longest, with padding after their ends."""
        import numpy as np

        shape = (len(rows), max(len(row.ids) for row in rows))
        ids, mask, types = np.full(shape, self.padding, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for number, row in enumerate(rows):
            end = len(row.ids)
            ids[number, :end], mask[number, :end], types[number, :end] = row.ids, 1, row.types
        arrays = {"input_ids": ids, "attention_mask": mask}
        return {**arrays, "token_type_ids": types} if self._typed else arrays


def _positions(config: Any) -> int:
    """How many tokens the model has positions for; RoBERTa's begin after that of its padding."""
    positions = getattr(config, "max_position_embeddings", None) or 2**20
    return int(positions) - (config.pad_token_id + 1 if "roberta" in config.model_type else 0)


def _tokens(encoding: Any) -> Tokens:
    return Tokens(encoding.ids, encoding.type_ids)
