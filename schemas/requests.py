"""What clients ask for on ``headrace.requests``; the fields are those of the OpenAI API."""

from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, field_validator, model_validator

from schemas.base import Event, Identifier, Strict
from schemas.forms import PATTERN_CHARACTERS, bounded, unwrapped

Kind = Literal["chat", "completion", "embedding", "classify", "rerank", "cancel"]
Priority = Literal["interactive", "batch"]
Text = Annotated[str, Field(max_length=400_000)]
TokenId = Annotated[int, Field(ge=0, lt=2**31)]
Bias = Annotated[float, Field(ge=-100, le=100)]
CHOICES = 8
ALTERNATIVES = 20
LOGPROBS = 65_536
"""The most logprobs that one answer tells, over all choices and alternatives."""


class TextPart(Strict):
    type: Literal["text"] = "text"
    text: Text


class ImageUrl(Strict):
    """``data:`` URLs only: nothing is fetched on a client's behalf."""

    url: str = Field(pattern=r"^data:")
    detail: Literal["auto", "low", "high"] = "auto"


class ImagePart(Strict):
    type: Literal["image_url"]
    image_url: ImageUrl


class FileRef(Strict):
    file_id: Identifier


class FilePart(Strict):
    type: Literal["file"]
    file: FileRef


Part = Annotated[TextPart | ImagePart | FilePart, Field(discriminator="type")]


class Message(Strict):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Text | tuple[Part, ...]
    name: str | None = Field(default=None, max_length=64)

    @property
    def text(self) -> str:
        """The text of all text parts, a line each."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content if isinstance(part, TextPart))

    @property
    def attachments(self) -> tuple[ImagePart | FilePart, ...]:
        if isinstance(self.content, str):
            return ()
        return tuple(part for part in self.content if not isinstance(part, TextPart))


class ResponseFormat(Strict):
    """The form an answer must have. ``json_schema`` is a JSON Schema (2020-12), bare or as the OpenAI API wraps it
    (``{"name": …, "schema": {…}}``); ``pattern`` is a regular expression that the whole answer matches."""

    type: Literal["text", "json_object", "json_schema", "regex"] = "text"
    json_schema: dict[str, Any] | None = None
    pattern: str | None = Field(default=None, min_length=1, max_length=PATTERN_CHARACTERS)

    @field_validator("json_schema")
    @classmethod
    def _bounded(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if value is None else bounded(unwrapped(value))

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        for field, type_ in (("json_schema", "json_schema"), ("pattern", "regex")):
            if (getattr(self, field) is not None) != (self.type == type_):
                raise ValueError(f"{field!r} goes with the type {type_!r}, and the type {type_!r} needs it")
        return self


class Sampling(Strict):
    """How tokens are chosen. ``temperature`` 0 is greedy; the same ``seed`` gives the same tokens
    on engines that say they are deterministic. ``top_k`` 0 is off; the choices of ``n`` above 1 have the seeds
    ``seed``, ``seed`` + 1 and so on; ``logit_bias`` is by token id."""

    max_tokens: int = Field(default=256, ge=1, le=32_768)
    temperature: float = Field(default=0.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    top_k: int = Field(default=0, ge=0, le=1000)
    min_p: float = Field(default=0.0, ge=0, lt=1)
    stop: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(default=(), max_length=8)
    seed: int | None = Field(default=None, ge=0, le=2**63 - 1)
    presence_penalty: float = Field(default=0.0, ge=-2, le=2)
    frequency_penalty: float = Field(default=0.0, ge=-2, le=2)
    repetition_penalty: float = Field(default=1.0, gt=0, le=2)
    logit_bias: dict[TokenId, Bias] = Field(default_factory=dict, max_length=300)
    logprobs: bool = False
    top_logprobs: int = Field(default=0, ge=0, le=ALTERNATIVES)
    n: int = Field(default=1, ge=1, le=CHOICES)
    response_format: ResponseFormat = ResponseFormat()

    @model_validator(mode="after")
    def _bounded_logprobs(self) -> Self:
        if self.top_logprobs and not self.logprobs:
            raise ValueError("'top_logprobs' needs 'logprobs'")
        asked = self.n * self.max_tokens * (1 + self.top_logprobs)
        if self.logprobs and asked > LOGPROBS:
            raise ValueError(
                f"'n' × 'max_tokens' × (1 + 'top_logprobs') is {asked}, and at most {LOGPROBS} logprobs are told: "
                "ask for fewer tokens or fewer of them"
            )
        return self


class PromptRef(Strict):
    """A template of the registry, at one version or at the live one, with its variables."""

    name: Identifier
    version: str | None = None
    variables: dict[str, Text] = Field(default_factory=dict, max_length=64)


_NEEDED: dict[Kind, str] = {
    "chat": "'messages'",
    "completion": "'prompt'",
    "embedding": "'input', or pictures in 'messages'",
    "classify": "one text in 'input', or 'labels' and a picture in 'messages'",
    "rerank": "the query in 'prompt', and the texts in 'input'",
    "cancel": "'target'",
}


class Request(Event, Sampling):
    """One thing asked. A bare ``{"messages": [...]}`` is a complete chat request.

    ``conversation`` keeps canaries sticky; ``security`` ``high`` keeps the text on local models;
    ``target`` is the id that a ``cancel`` withdraws; ``on_behalf_of`` is the key of an HTTP caller and
    ``address`` a pseudonym of where it called from; both count only when the gateway says them.
    """

    kind: Kind = "chat"
    model: Identifier | None = None
    messages: tuple[Message, ...] = Field(default=(), max_length=512)
    prompt: Text | None = None
    input: tuple[Text, ...] = Field(default=(), max_length=256)
    labels: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(default=(), max_length=100)
    template: PromptRef | None = None
    stream: bool = False
    cache: bool = True
    priority: Priority = "interactive"
    security: Literal["low", "medium", "high"] = "low"
    deadline: AwareDatetime | None = None
    conversation: Identifier | None = None
    user: str | None = Field(default=None, max_length=128)
    target: Identifier | None = None
    on_behalf_of: Identifier | None = None
    address: Identifier | None = None

    @model_validator(mode="before")
    @classmethod
    def _shorthand(cls, data: Any) -> Any:
        """``"stop": "x"`` and ``"input": "x"`` mean a list of one, as in the OpenAI API."""
        if isinstance(data, dict):
            data = {**data, **{k: [data[k]] for k in ("stop", "input") if isinstance(data.get(k), str)}}
            if data.get("stop", ()) is None:
                del data["stop"]
        return data

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = {
            "chat": bool(self.messages or self.template),
            "completion": self.prompt is not None,
            "embedding": bool(self.input or self.attachments),
            "classify": bool(self.labels and self.attachments) or len(self.input) == 1,
            "rerank": bool(self.prompt and self.input),
            "cancel": self.target is not None,
        }
        if not needed[self.kind]:
            raise ValueError(f"a {self.kind} request needs {_NEEDED[self.kind]}")
        return self

    @property
    def sampling(self) -> Sampling:
        return Sampling.model_validate({name: getattr(self, name) for name in Sampling.model_fields})

    @property
    def attachments(self) -> tuple[ImagePart | FilePart, ...]:
        return tuple(part for message in self.messages for part in message.attachments)
