"""Who is about to read audit content, or was refused to. The platform audits it before the content is given out."""

from typing import Literal

from pydantic import Field

from schemas.base import Event


class Access(Event):
    """``actor`` is a key id, or who asked on the command line; ``target`` is the request, or the filter."""

    actor: str = Field(min_length=1, max_length=200)
    what: Literal["events", "request", "checkpoints", "topic", "export"]
    target: str = Field(default="", max_length=1000)
    since: str = Field(default="", max_length=100)
    outcome: Literal["granted", "denied"] = "granted"
