"""The bodies of HTTP requests: the OpenAI API's fields, and what Headrace adds to them."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from schemas.base import Identifier, Strict, now
from schemas.errors import InvalidField
from schemas.requests import ALTERNATIVES, Message, Priority, PromptRef, Request, Sampling, Text
from streams.gateway.access import Caller
from streams.gateway.errors import invalid_field

HTTP_ONLY = {
    "stream_options", "max_completion_tokens", "deadline_s", "callback", "encoding_format", "dimensions",
    "query", "documents", "top_n", "return_documents",
}  # fmt: skip


class Asked(Strict):
    """What any request may say beside its content. ``deadline_s`` is in seconds from now."""

    model: Identifier | None = None
    user: str | None = Field(default=None, max_length=128)
    conversation: Identifier | None = None
    security: Literal["low", "medium", "high"] = "low"
    priority: Priority = "interactive"
    cache: bool = True
    deadline_s: float | None = Field(default=None, gt=0, le=86_400)


class StreamOptions(Strict):
    include_usage: bool = False


class Generated(Asked, Sampling):
    """What any request for text may say."""

    stream: bool = False
    stream_options: StreamOptions = StreamOptions()

    @field_validator("stop", mode="before")
    @classmethod
    def _stops(cls, stop: Any) -> Any:
        return (stop,) if isinstance(stop, str) else tuple(stop) if isinstance(stop, list) else stop


class Chat(Generated):
    """``POST /v1/chat/completions``."""

    messages: tuple[Message, ...] = Field(default=(), max_length=512)
    template: PromptRef | None = None
    max_completion_tokens: int | None = Field(default=None, ge=1, le=32_768)


class Completion(Generated):
    """``POST /v1/completions``."""

    prompt: Text


def counted(body: dict[str, Any]) -> dict[str, Any]:
    """The body of a completion, where ``logprobs`` is a number: that of the alternatives to each token.

    Raises:
        InvalidField: it is no such number.
    """
    asked = body.get("logprobs")
    if asked is None:
        return body
    if type(asked) is not int or not 0 <= asked <= ALTERNATIVES:
        raise InvalidField(f"logprobs: a number of alternatives from 0 to {ALTERNATIVES}", param="logprobs")
    return {**body, "logprobs": True, "top_logprobs": asked}


class Embedding(Asked):
    """``POST /v1/embeddings``."""

    input: Text | Annotated[tuple[Text, ...], Field(min_length=1, max_length=256)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None

    @field_validator("dimensions")
    @classmethod
    def _native(cls, dimensions: int | None) -> int | None:
        if dimensions is not None:
            raise ValueError("embeddings come at the model's own size: leave 'dimensions' out")
        return dimensions


class Rerank(Asked):
    """``POST /v1/rerank``, as Jina and Cohere have it: the best ``top_n`` documents first."""

    query: Annotated[Text, Field(min_length=1)]
    documents: Annotated[tuple[Text, ...], Field(min_length=1, max_length=256)]
    top_n: int | None = Field(default=None, ge=1)
    return_documents: bool = False


class Submission(Asked, Sampling):
    """``POST /v1/requests``: any kind of request, answered later. ``callback`` is a URL that the answer is sent to."""

    kind: Literal["chat", "completion", "embedding", "classify", "rerank"] = "chat"
    messages: tuple[Message, ...] = Field(default=(), max_length=512)
    prompt: Text | None = None
    input: Text | Annotated[tuple[Text, ...], Field(max_length=256)] = ()
    template: PromptRef | None = None
    callback: str | None = Field(default=None, max_length=2048)

    @field_validator("stop", mode="before")
    @classmethod
    def _stops(cls, stop: Any) -> Any:
        return (stop,) if isinstance(stop, str) else tuple(stop) if isinstance(stop, list) else stop


class Opinion(Strict):
    """``POST /v1/feedback``: a thumb, a rating from 1 to 5, a correction, a comment, or several."""

    request_id: Identifier
    thumb: Literal["up", "down"] | None = None
    rating: int | None = Field(default=None, ge=1, le=5)
    correction: Text | None = None
    comment: str | None = Field(default=None, max_length=4000)
    user: str | None = Field(default=None, max_length=128)


def to_request(asked: Asked, kind: str, caller: Caller) -> Request:
    """The event that a body asks for, said by its caller.

    Raises:
        InvalidField: the fields do not make a whole request.
    """
    fields = asked.model_dump(exclude_unset=True, exclude=HTTP_ONLY | {"kind"})
    if isinstance(asked, Chat) and asked.max_completion_tokens:
        fields["max_tokens"] = asked.max_completion_tokens
    if isinstance(asked, Rerank):
        fields |= {"prompt": asked.query, "input": asked.documents}
    if asked.deadline_s:
        fields["deadline"] = now() + timedelta(seconds=asked.deadline_s)
    fields |= {"id": caller.request_id, "tenant": caller.tenant, "trace": caller.trace, "on_behalf_of": caller.key_id}
    fields["address"] = caller.address
    try:
        return Request.model_validate({**fields, "kind": kind})
    except ValidationError as error:
        raise invalid_field(error, fields) from error
