"""What a server of the OpenAI API is asked: the API's own names, and vLLM's for what the API lacks."""

from typing import Any

from schemas.requests import ImagePart, Message, ResponseFormat, Sampling
from workers.engines.port import Generation

_SAID_OTHERWISE = {"max_tokens", "temperature", "n", "logprobs", "top_logprobs", "response_format"}


def body(model: str, generation: Generation) -> dict[str, Any]:
    """The JSON of a request; what is at its default is left to the server."""
    sampling, raw = generation.sampling, generation.prompt is not None
    asked = {"prompt": generation.prompt} if raw else {
        "messages": [message_of(message) for message in generation.messages]
    }  # fmt: skip
    return {
        "model": model,
        **asked,
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        **sampling.model_dump(mode="json", exclude_defaults=True, exclude=_SAID_OTHERWISE),
        **_logprobs(sampling, raw),
        **_form(sampling.response_format),
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def message_of(message: Message) -> dict[str, Any]:
    """A message with its pictures; files cannot travel to another server and stay behind."""
    named = {"name": message.name} if message.name else {}
    if not any(isinstance(part, ImagePart) for part in message.attachments):
        return {"role": message.role, "content": message.text, **named}
    parts = [
        part.model_dump(mode="json") for part in message.content if not isinstance(part, str) and part.type != "file"
    ]
    return {"role": message.role, "content": parts, **named}


def _logprobs(sampling: Sampling, raw: bool) -> dict[str, Any]:
    """In a completion they are a number, in a chat a switch and a number."""
    if not sampling.logprobs:
        return {}
    if raw:
        return {"logprobs": sampling.top_logprobs}
    return {"logprobs": True, **({"top_logprobs": sampling.top_logprobs} if sampling.top_logprobs else {})}


def _form(form: ResponseFormat) -> dict[str, Any]:
    match form.type:
        case "text":
            return {}
        case "json_object":
            return {"response_format": {"type": "json_object"}}
        case "json_schema":
            schema = {"name": "answer", "schema": form.json_schema, "strict": True}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}
        case "regex":
            return {"structured_outputs": {"regex": form.pattern}}
