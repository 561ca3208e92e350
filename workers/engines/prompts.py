"""What a model reads: messages in its own chat template, as token ids."""

from collections.abc import Sequence
from typing import Any

from jinja2 import TemplateError

from schemas.errors import InvalidField, ModelNotAvailable
from schemas.requests import Message
from workers.engines.port import Generation

_ROLES = {"developer": "system"}
INVISIBLE = "\u200b"


def prompt_ids(tokenizer: Any, generation: Generation, model: str) -> list[int]:
    """Token ids of a raw prompt, or of messages in the chat template, which brings its own special tokens.

    Raises:
        ModelNotAvailable: the model has no chat template.
        InvalidField: the template refuses the messages, as some do when roles do not alternate.
    """
    if generation.prompt is not None:
        ids = list(tokenizer(generation.prompt)["input_ids"])
        return ids or [next(id for id in (tokenizer.bos_token_id, tokenizer.eos_token_id, 0) if id is not None)]
    return list(tokenizer(render(tokenizer, generation.messages, model), add_special_tokens=False)["input_ids"])


def render(tokenizer: Any, messages: Sequence[Message], model: str) -> str:
    """The messages as text that ends where the answer begins."""
    if not getattr(tokenizer, "chat_template", None):
        raise ModelNotAvailable(
            f"{model} has no chat template, so it cannot chat: ask it for completions, or use an instruct model",
            param="model",
        )
    control = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    turns = [{"role": _ROLES.get(m.role, m.role), "content": disarm(m.text, control)} for m in messages]
    try:
        return str(tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True))
    except TemplateError as error:
        raise InvalidField(f"{model} cannot take these messages: {error}", param="messages") from error


def disarm(text: str, control: Sequence[str]) -> str:
    """The text with its control tokens broken by an invisible space, so that it cannot speak as another role."""
    for token in control:
        if len(token) > 1:
            text = text.replace(token, token[:1] + INVISIBLE + token[1:])
    return text
