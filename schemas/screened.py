"""Screening for other systems, of history, and by people: what ``headrace screening`` publishes."""

from typing import Literal

from pydantic import Field

from schemas.base import Event, Source
from schemas.errors import ErrorBody
from schemas.screening import Direction, Finding, LevelName


class ScreenRequest(Event):
    """A text to screen. ``system`` is the system prompt beside it, where there is one."""

    text: str
    direction: Direction = "prompt"
    system: str | None = None


class Screened(Event):
    """The verdict on the text of that id; ``action`` is what the policy orders. With an ``error`` there is none."""

    asker: str = ""
    """The key it was asked with, or else the tenant."""
    action: str = ""
    level: LevelName = "none"
    findings: tuple[Finding, ...] = Field(default=(), max_length=100)
    policy: str = ""
    rules: str = ""
    reason: str = ""
    error: ErrorBody | None = None


class Backscan(Event):
    """What another policy would have done with a record of the log; no content. ``before`` is what was ordered then,
    where the record says so. The id is of the record and the policy, so a repeat is recognised."""

    request_id: str
    source: Source
    direction: Direction
    policy: str
    rules: str
    action: str
    before: str | None = None
    level: LevelName = "none"
    reason: str = ""
    entities: dict[str, int] = Field(default_factory=dict)


class Review(Event):
    """A text that is held back until a person has looked; the id is the request's. The last record of an id counts.

    ``source`` is where the request stands on the log; ``sealed`` what is to be looked at, sealed under the key of the
    ``subject`` and bound to the id (base64).
    """

    status: Literal["waiting", "released", "refused"] = "waiting"
    direction: Direction = "prompt"
    source: Source
    digest: str = ""
    policy: str = ""
    level: LevelName = "none"
    reason: str = ""
    subject: str | None = None
    sealed: str | None = None
    by: str = ""
    """Who decided, and why in ``note``."""
    note: str = Field(default="", max_length=500)
