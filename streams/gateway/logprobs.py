"""Logprobs as the OpenAI API tells them: by token in a chat, as lists side by side in a completion."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from schemas.results import TokenLogprob


def of_chat(logprobs: Sequence[TokenLogprob]) -> dict[str, Any]:
    content = [
        {**_told(each.token, each.logprob), "top_logprobs": [_told(*alternative) for alternative in each.top]}
        for each in logprobs
    ]
    return {"content": content, "refusal": None}


def of_completion(logprobs: Sequence[TokenLogprob], offset: int) -> dict[str, Any]:
    """``offset`` is the number of characters that the tokens before have."""
    return {
        "tokens": [each.token for each in logprobs],
        "token_logprobs": [each.logprob for each in logprobs],
        "top_logprobs": [dict(each.top) for each in logprobs],
        "text_offset": list(_offsets(logprobs, offset)),
    }


def spelt(logprobs: Sequence[TokenLogprob]) -> int:
    """How many characters the tokens have."""
    return sum(len(each.token) for each in logprobs)


def _offsets(logprobs: Sequence[TokenLogprob], offset: int) -> Iterator[int]:
    return accumulate((len(each.token) for each in logprobs[:-1]), initial=offset) if logprobs else iter(())


def _told(token: str, logprob: float) -> dict[str, Any]:
    """A token of which only some bytes are here has a replacement character, and its bytes are not known."""
    known = "\N{REPLACEMENT CHARACTER}" not in token
    return {"token": token, "logprob": logprob, "bytes": list(token.encode("utf-8", "replace")) if known else None}
