"""What users say of answers, and the examples that come of it."""

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.base import Event, Identifier, Source, Strict
from schemas.requests import Message, Text


class Feedback(Event, Strict):
    """One opinion on the answer to ``request_id``: a thumb, a rating from 1 to 5, a correction, or several."""

    request_id: Identifier
    thumb: Literal["up", "down"] | None = None
    rating: int | None = Field(default=None, ge=1, le=5)
    correction: Text | None = None
    comment: str | None = Field(default=None, max_length=4000)
    user: str | None = Field(default=None, max_length=128)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.thumb is None and self.rating is None and self.correction is None and self.comment is None:
            raise ValueError("feedback needs a 'thumb', a 'rating', a 'correction' or a 'comment'")
        return self


class Example(Event):
    """Feedback joined with its request and answer, personal data redacted; ``id`` is the feedback's id."""

    request_id: Identifier
    model: str | None
    messages: tuple[Message, ...]
    answer: str
    correction: str | None = None
    thumb: Literal["up", "down"] | None = None
    rating: int | None = None
    source: Source
    subject: str | None = None
    """The data key of who asked, where personal content is sealed."""
