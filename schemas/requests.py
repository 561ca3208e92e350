"""What clients ask for on ``headrace.requests``; the fields are those of the OpenAI API."""

from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from schemas.base import Event, Identifier, Strict

Kind = Literal["chat", "completion", "embedding", "classify", "cancel"]
Priority = Literal["interactive", "batch"]
Text = Annotated[str, Field(max_length=400_000)]


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
    type: Literal["text", "json_object"] = "text"


class Sampling(Strict):
    """How tokens are chosen. ``temperature`` 0 is greedy; the same ``seed`` gives the same tokens
    on engines that say they are deterministic."""

    max_tokens: int = Field(default=256, ge=1, le=32_768)
    temperature: float = Field(default=0.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    stop: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = Field(default=(), max_length=8)
    seed: int | None = Field(default=None, ge=0, le=2**63 - 1)
    presence_penalty: float = Field(default=0.0, ge=-2, le=2)
    frequency_penalty: float = Field(default=0.0, ge=-2, le=2)
    response_format: ResponseFormat = ResponseFormat()


class PromptRef(Strict):
    """A template of the registry, at one version or at the live one, with its variables."""

    name: Identifier
    version: str | None = None
    variables: dict[str, Text] = Field(default_factory=dict, max_length=64)


_NEEDED: dict[Kind, str] = {
    "chat": "'messages'",
    "completion": "'prompt'",
    "embedding": "'input', or pictures in 'messages'",
    "classify": "'labels', and a picture in 'messages'",
    "cancel": "'target'",
}


class Request(Event, Sampling):
    """One thing asked. A bare ``{"messages": [...]}`` is a complete chat request.

    ``conversation`` keeps canaries sticky; ``security`` ``high`` keeps the text on local models;
    ``target`` is the id that a ``cancel`` withdraws; ``on_behalf_of`` is the key of an HTTP caller and
    counts only when the gateway says it.
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
            "classify": bool(self.labels and self.attachments),
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
