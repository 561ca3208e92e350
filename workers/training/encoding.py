"""Conversations as token ids and labels, and the loss on them.

A row is ``prompt ids + answer ids``; its labels are -100 over the prompt, so that only the answer and
the token that ends it are learned and judged. Prompt and answer are tokenised apart: the prompt's ids
are then exactly those that the model is served.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from schemas.errors import TrainingFailed
from workers.training.dataset import Pair

IGNORED = -100


@dataclass(frozen=True)
class Row:
    """``ids`` and ``labels`` are of the same length."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]

    @classmethod
    def of(cls, prompt: Sequence[int], answer: Sequence[int]) -> "Row":
        return cls((*prompt, *answer), (*[IGNORED] * len(prompt), *answer))


def prompt_ids(tokenizer: Any, messages: Sequence[dict[str, str]]) -> list[int]:
    return _ids(tokenizer, _render(tokenizer, messages, generate=True))


def encode(tokenizer: Any, pair: Pair, max_length: int) -> Row | None:
    """One row, or None when it is longer than ``max_length`` or holds control tokens of the model,
    which would let a text speak as another role.

    Raises ``TrainingFailed`` when the tokenizer has no chat template.
    """
    messages = [{"role": message.role, "content": message.text} for message in pair.messages]
    answer = {"role": "assistant", "content": pair.answer}
    control = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    if any(token in turn["content"] for token in control for turn in (*messages, answer)):
        return None
    prompt = _render(tokenizer, messages, generate=True)
    whole = _render(tokenizer, [*messages, answer], generate=False)
    if not whole.startswith(prompt):
        raise TrainingFailed("the model's chat template rewrites earlier turns, so answers cannot be told from prompts")
    row = Row.of(_ids(tokenizer, prompt), _ids(tokenizer, whole[len(prompt) :].rstrip()))
    return row if len(row.ids) <= max_length else None


def batches(rows: Sequence[Row], size: int, device: torch.device) -> Iterator[dict[str, Tensor]]:
    """``input_ids``, ``attention_mask`` and ``labels``, each [rows, longest], padded on the right."""
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        width = max(len(row.ids) for row in part)
        columns = {
            "input_ids": [[*row.ids, *[0] * (width - len(row.ids))] for row in part],
            "attention_mask": [[*[1] * len(row.ids), *[0] * (width - len(row.ids))] for row in part],
            "labels": [[*row.labels, *[IGNORED] * (width - len(row.labels))] for row in part],
        }
        yield {name: torch.tensor(values, device=device) for name, values in columns.items()}


def negative_log_likelihood(model: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, int]:
    """``-sum log p(label_t | ids_<t)`` in nats over the labelled tokens, in float32, and their number."""
    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
    labels = batch["labels"][:, 1:]
    known = labels != IGNORED
    loss = cross_entropy(logits[known].float(), labels[known], reduction="sum")
    return loss, int(known.sum())


def _render(tokenizer: Any, messages: Sequence[dict[str, str]], *, generate: bool) -> str:
    if not getattr(tokenizer, "chat_template", None):
        raise TrainingFailed("the model's tokenizer has no chat template; train an instruction-tuned model")
    return str(tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=generate))


def _ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])
