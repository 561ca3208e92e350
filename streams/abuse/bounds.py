"""What a prompt may be made of, beyond its length: bounds on what costs much and says little (OWASP LLM10).

Each bound is the policy's, so it can differ for a tenant, and going over one is the client's to correct.
"""

import zlib

import re2

from schemas.bounds import BoundsPolicy
from schemas.errors import InvalidField, TooLarge
from schemas.requests import Request

LONG = 16_384
"""Bytes from which on it is looked at how much a text says: a short one costs nothing."""
_TURN = re2.compile(
    r"(?im)^[ \t>*#\[<|]{0,8}(?:user|human|assistant|ai|bot|用户|人类|助手|助理|机器人)[\]>|* \t]{0,4}[:：]"
)


def check(request: Request, bounds: BoundsPolicy) -> None:
    """Judge a request.

    Raises:
        TooLarge: too many messages, turns or tokens are asked for.
        InvalidField: a long text says the same again and again.
    """
    if len(request.messages) > bounds.messages:
        raise TooLarge(
            f"messages: {len(request.messages)} are too many, {bounds.messages} are allowed; leave out the oldest",
            param="messages",
        )
    asked = request.n * request.max_tokens
    if asked > bounds.output_tokens:
        raise TooLarge(
            f"max_tokens: 'n' × 'max_tokens' is {asked}, {bounds.output_tokens} are allowed", param="max_tokens"
        )
    for field, text in _texts(request):
        _check_text(field, text, bounds)


def _texts(request: Request) -> list[tuple[str, str]]:
    texts = [("messages", message.text) for message in request.messages if message.role not in ("system", "developer")]
    return [*texts, *(("input", text) for text in request.input), ("prompt", request.prompt or "")]


def _check_text(field: str, text: str, bounds: BoundsPolicy) -> None:
    if (found := turns(text)) > bounds.turns:
        raise TooLarge(
            f"{field}: a text with {found} turns of a conversation in it; {bounds.turns} are allowed: "
            "send turns as messages",
            param=field,
        )
    if information(text) < bounds.information:
        raise InvalidField(
            f"{field}: a long text that says the same again and again; leave the repetition out", param=field
        )


def turns(text: str) -> int:
    """Lines that begin as turns of a written conversation do, as in many-shot jailbreaking."""
    return sum(1 for _ in _TURN.finditer(text.encode(errors="replace")))


def information(text: str) -> float:
    """The size of a long text compressed, as a part of its own size; 1 for a short one."""
    data = text.encode(errors="replace")
    return len(zlib.compress(data, level=1)) / len(data) if len(data) >= LONG else 1.0
