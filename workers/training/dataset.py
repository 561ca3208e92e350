"""Corrections as a dataset: cleaned, deduplicated, split without leakage, addressed by content.

Personal data is already redacted in an ``Example``; here only form and size are judged. Which side of
the split a prompt falls on depends on nothing but the prompt, so it never changes sides from one job
to the next: what judges a candidate was never learned by it, nor by the adapter it is compared with.
"""

import hashlib
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import orjson

from schemas.base import Source
from schemas.errors import TrainingFailed
from schemas.feedback import Example
from schemas.requests import Message

MINIMUM = 8
"""Fewer usable corrections than this teach nothing that could be measured."""
MAXIMUM = 20_000
"""So many corrections go into one job; of more, the newest."""
PROMPT_CHARS = 32_000
ANSWER_CHARS = 8_000
NOT_TEXT = frozenset({"nan", "null", "none", "undefined"})


@dataclass(frozen=True)
class Pair:
    """A conversation up to the question, the answer a person wanted, and where that was said."""

    messages: tuple[Message, ...]
    answer: str
    feedback: str
    source: Source

    @cached_property
    def prompt(self) -> str:
        """The normalised prompt: what is equal here counts as the same question."""
        return "\n".join(f"{message.role}: {normalise(message.text)}" for message in self.messages)

    def line(self, split: str) -> bytes:
        """Canonical JSON (sorted keys, UTF-8) with lineage, one line."""
        record = {
            "answer": self.answer,
            "feedback": self.feedback,
            "messages": [{"role": message.role, "content": message.text} for message in self.messages],
            "source": str(self.source),
            "split": split,
        }
        return orjson.dumps(record, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


@dataclass(frozen=True)
class Dataset:
    """Both sides of the split; ``left_out`` counts what was not usable, by reason."""

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    left_out: dict[str, int]

    @cached_property
    def jsonl(self) -> bytes:
        return b"".join(
            pair.line(split) for split, side in (("train", self.train), ("held_out", self.held_out)) for pair in side
        )

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.jsonl).hexdigest()

    def __len__(self) -> int:
        return len(self.train) + len(self.held_out)


def build(examples: Iterable[Example], held_out: float) -> Dataset:
    """Examples in any order; ``held_out`` is the share of prompts kept from training, between 0 and 1.

    Raises ``TrainingFailed`` when too few corrections are usable or one side of the split is empty.
    """
    left_out: Counter[str] = Counter()
    pairs = _distinct(_clean(examples, left_out), left_out)[-MAXIMUM:]
    if len(pairs) < MINIMUM:
        raise TrainingFailed(
            f"only {len(pairs)} usable corrections, at least {MINIMUM} are needed{_because(left_out)}; collect more"
        )
    sides: tuple[list[Pair], list[Pair]] = ([], [])
    for pair in pairs:
        sides[is_held_out(pair.prompt, held_out)].append(pair)
    if not all(sides):
        needed = max(MINIMUM, math.ceil(3 / min(held_out, 1 - held_out)))
        raise TrainingFailed(
            f"all {len(pairs)} corrections fall on one side of the split; "
            f"about {needed} corrections of different prompts are needed when {held_out:g} of them are held out"
        )
    return Dataset(tuple(sides[0]), tuple(sides[1]), dict(left_out))


def normalise(text: str) -> str:
    """Compatibility forms, case and white space evened out (Unicode NFKC, full case folding)."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


def is_held_out(prompt: str, share: float) -> bool:
    """Whether a normalised prompt is held out: its SHA-256, read as a fraction of 1, is under ``share``."""
    return int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:8], "big") / 2**64 < share


def fault(text: str, limit: int) -> str | None:
    """Why a text is not fit to learn from, or None."""
    if not text.strip():
        return "empty"
    if len(text) > limit:
        return "too long"
    if normalise(text) in NOT_TEXT or not any(character.isalnum() for character in text):
        return "not a text"
    if any(_is_garbage(character) for character in text):
        return "control characters"
    return None


def _is_garbage(character: str) -> bool:
    return character == "\ufffd" or (unicodedata.category(character) in ("Cc", "Cs") and character not in "\t\r\n")


def _clean(examples: Iterable[Example], left_out: Counter[str]) -> list[Pair]:
    """The usable ones in the order of the log."""
    pairs = []
    for example in sorted(examples, key=lambda one: (one.source.topic, one.source.partition, one.source.offset)):
        if example.correction is None:
            continue
        prompt = "\n".join(message.text for message in example.messages)
        reason = fault(example.correction, ANSWER_CHARS) or fault(prompt, PROMPT_CHARS)
        if reason is None and example.messages[-1].role == "assistant":
            reason = "no question"
        if reason is not None:
            left_out[reason] += 1
            continue
        messages = tuple(Message(role=message.role, content=message.text) for message in example.messages)
        pairs.append((example.request_id, Pair(messages, example.correction.strip(), example.id, example.source)))
    return _last_of_each(pairs, left_out)


def _last_of_each(pairs: Sequence[tuple[str, Pair]], left_out: Counter[str]) -> list[Pair]:
    """Of several corrections of one request the last: feedback is keyed by request, so the log orders it."""
    last = {request: pair for request, pair in pairs}
    left_out["superseded"] += len(pairs) - len(last)
    return list(last.values())


def _distinct(pairs: Sequence[Pair], left_out: Counter[str]) -> list[Pair]:
    """One pair for each normalised prompt and answer."""
    first: dict[tuple[str, str], Pair] = {}
    for pair in pairs:
        first.setdefault((pair.prompt, normalise(pair.answer)), pair)
    left_out["repeated"] += len(pairs) - len(first)
    return list(first.values())


def _because(left_out: Counter[str]) -> str:
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(left_out.items()) if count)
    return f" ({reasons})" if reasons else ""
