"""The texts of a request, by who they come from."""

from collections.abc import Callable

from schemas.requests import Message, Part, Request, TextPart
from schemas.screening import Direction

Clean = Callable[[str, Direction], str]


def texts_of(message: Message) -> list[str]:
    if isinstance(message.content, str):
        return [message.content]
    return [part.text for part in message.content if isinstance(part, TextPart)]


def with_texts(request: Request, clean: Clean, said: Clean | None = None) -> Request:
    """The request with each of its texts changed, by who it comes from; what users said by ``said``, where given."""
    changed = {
        "messages": tuple(
            _clean_message(message, said if said and message.role == "user" else clean) for message in request.messages
        ),
        "prompt": clean(request.prompt, "prompt") if request.prompt is not None else None,
        "input": tuple(clean(text, "prompt") for text in request.input),
    }
    return request.model_copy(update=changed)


def _clean_message(message: Message, clean: Clean) -> Message:
    direction: Direction = "tool" if message.role == "tool" else "prompt"
    if isinstance(message.content, str):
        text = clean(message.content, direction)
        return message if text == message.content else message.model_copy(update={"content": text})
    parts: list[Part] = [
        TextPart(text=clean(part.text, direction)) if isinstance(part, TextPart) else part for part in message.content
    ]
    return message.model_copy(update={"content": tuple(parts)})
