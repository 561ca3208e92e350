"""How answers look: the objects of the OpenAI API, with what Headrace says of them under ``headrace``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.requests import Request
from schemas.responses import Response
from schemas.results import Choice, TokenLogprob, Usage
from streams.gateway.logprobs import of_chat, of_completion
from streams.gateway.sent import Fresh


def usage(used: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": used.prompt_tokens,
        "completion_tokens": used.completion_tokens,
        "total_tokens": used.total_tokens,
        "prompt_tokens_details": {"cached_tokens": used.cached_tokens},
    }


def provenance(response: Response) -> dict[str, Any]:
    """With what an answer was made, and what screening did to it."""
    return {
        "versions": response.versions.model_dump(),
        "cached": response.cached,
        "verdict": {"action": response.verdict.action, "level": response.verdict.level},
    }


@dataclass(frozen=True)
class Shape:
    """One endpoint's objects. ``whole`` and ``part`` are their names; ``include_usage`` is of ``stream_options``."""

    request: Request
    include_usage: bool
    whole: str
    part: str

    def answer(self, response: Response) -> dict[str, Any]:
        """The whole answer as one object."""
        return {
            "id": self.request.id,
            "object": self.whole,
            "created": int(response.time.timestamp()),
            "model": response.versions.model or self.request.model or "",
            "choices": [self._choice(index, choice) for index, choice in enumerate(response.choices)],
            "usage": usage(response.usage),
            "headrace": provenance(response),
        }

    def opening(self) -> Sequence[dict[str, Any]]:
        return ()

    def piece(self, fresh: Fresh) -> dict[str, Any]:
        told = self._logprobs(fresh.logprobs, fresh.offset) if fresh.logprobs else None
        return self._event(fresh.index, self._piece(fresh.text), None, told)

    def finish(self, index: int, reason: str, response: Response | None) -> dict[str, Any]:
        """The last piece of a choice; ``None`` when there is no answer."""
        event = self._event(index, self._piece(""), reason)
        return {**event, "headrace": provenance(response)} if response else event

    def usage(self, used: Usage) -> Sequence[dict[str, Any]]:
        """The last event of a stream whose client asked for it: usage and no choice."""
        return ({**self._event(0, {}, None), "choices": [], "usage": usage(used)},) if self.include_usage else ()

    def _event(
        self, index: int, content: dict[str, Any], reason: str | None, logprobs: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        return {
            "id": self.request.id,
            "object": self.part,
            "created": int(self.request.time.timestamp()),
            "model": self.request.model or "",
            "choices": [{"index": index, **content, "logprobs": logprobs, "finish_reason": reason}],
        }

    def _choice(self, index: int, choice: Choice) -> dict[str, Any]:
        told = self._logprobs(choice.logprobs, 0) if choice.logprobs else None
        return {"index": index, **self._whole(choice.text), "logprobs": told, "finish_reason": choice.finish_reason}

    def _logprobs(self, logprobs: Sequence[TokenLogprob], offset: int) -> dict[str, Any]:
        return of_completion(logprobs, offset)

    def _whole(self, text: str) -> dict[str, Any]:
        return {"text": text}

    def _piece(self, text: str) -> dict[str, Any]:
        return {"text": text}


@dataclass(frozen=True)
class ChatShape(Shape):
    """``chat.completion`` and ``chat.completion.chunk``."""

    def opening(self) -> Sequence[dict[str, Any]]:
        opened = {"delta": {"role": "assistant", "content": ""}}
        return [self._event(index, opened, None) for index in range(self.request.n)]

    def _logprobs(self, logprobs: Sequence[TokenLogprob], offset: int) -> dict[str, Any]:
        return of_chat(logprobs)

    def _whole(self, text: str) -> dict[str, Any]:
        return {"message": {"role": "assistant", "content": text, "refusal": None}}

    def _piece(self, text: str) -> dict[str, Any]:
        return {"delta": {"content": text} if text else {}}
