"""One answer as its tokens come: its text, why it ends, and what it used."""

from collections.abc import Callable, Sequence
from typing import Any

from schemas.errors import ContextTooLong, InvalidField
from schemas.requests import Sampling
from schemas.results import FinishReason, Usage
from workers.engines.port import Generation, Piece, TokenLogprob
from workers.engines.prompts import prompt_ids
from workers.engines.text import Detokenizer, StopStrings

Decode = Callable[[Sequence[int]], str]


class Answer:
    """``room`` is the most tokens it may have, ``ends`` are those that end it, ``engine`` says what made it; ``cached``
    tokens of the prompt were computed before."""

    def __init__(
        self, decode: Decode, stop: Sequence[str], *, asked: int, room: int, ends: frozenset[int], engine: str = ""
    ) -> None:
        self._text, self._stops = Detokenizer(decode), StopStrings(stop)
        self._asked, self._room, self._ends, self._engine = asked, room, ends, engine
        self._said = self.cached = 0
        self._logprobs: list[TokenLogprob] = []

    def feed(self, token: int, *, last: bool = False, logprobs: TokenLogprob | None = None) -> Piece | None:
        """What can be shown with one more token; ``None`` while that is nothing. ``last``: the engine has no more."""
        self._said += 1
        if logprobs and token not in self._ends:
            self._logprobs.append(logprobs)
        ended = token in self._ends
        text = "" if ended else self._stops.feed(self._text.feed(token))
        if not (ended or last or self._stops.stopped or self._said >= self._room):
            return Piece(text, logprobs=self._told()) if text else None
        text += self._stops.feed(self._text.finish()) + self._stops.finish()
        stopped = ended or self._stops.stopped or (last and self._said < self._room)
        reason: FinishReason = "stop" if stopped else "length"
        usage = Usage(prompt_tokens=self._asked, completion_tokens=self._said, cached_tokens=self.cached)
        return Piece(text, reason, usage, engine=self._engine, logprobs=self._told())

    def _told(self) -> tuple[TokenLogprob, ...]:
        told, self._logprobs = tuple(self._logprobs), []
        return told


def prompt_of(tokenizer: Any, generation: Generation, model: str, context: int) -> list[int]:
    """The prompt's token ids. Raises ``ContextTooLong`` when they leave no room in a ``context`` of so many tokens,
    and what ``prompt_ids`` raises."""
    ids = prompt_ids(tokenizer, generation, model)
    if len(ids) >= context:
        raise ContextTooLong(
            f"the prompt has {len(ids)} tokens, the context of {model} is {context} and the answer needs some; "
            "shorten it",
            param="messages" if generation.prompt is None else "prompt",
        )
    return ids


def unknown_setting(sampling: Sampling, known: frozenset[str]) -> str | None:
    """The name of the first setting that is asked for and is not among ``known``; defaults ask for nothing."""
    asked = sampling.model_dump(exclude_defaults=True)
    return next((name for name in asked if name not in known), None)


def refusal(model: str, engine: str, setting: str) -> InvalidField:
    """What is said to a request whose ``setting`` an engine cannot honour."""
    return InvalidField(
        f"{model} runs on {engine}, which has no {setting!r} for this: leave it out, or ask a model on 'transformers'",
        param=setting,
    )
