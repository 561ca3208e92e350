"""What could not be handled, kept so that nothing is lost: ``headrace.deadletter``."""

from pydantic import Field

from schemas.base import Event, Source
from schemas.errors import ErrorBody


class Failure(Event):
    """A record with its original bytes (base64) and why it ended here. ``redriven`` counts its returns."""

    source: Source
    key: str | None = None
    value: str
    headers: tuple[tuple[str, str], ...] = ()
    error: ErrorBody
    attempts: int = Field(ge=1)
    redriven: int = Field(default=0, ge=0)
