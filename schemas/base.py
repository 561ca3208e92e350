"""What every event has in common."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:#~-]{0,199}$")]
"""An id or a name: printable, without spaces, at most 200 characters."""

Tenant = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""A tenant's name: it becomes part of topic names and paths, so it is a DNS label."""

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""


def now() -> datetime:
    """The time in UTC, to the millisecond."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def new_id() -> str:
    """A random id (RFC 9562, version 4)."""
    return str(uuid4())


class Frozen(BaseModel):
    """A value that does not change. What a platform component reads, it reads leniently:
    a field added by a later release is ignored by an earlier one."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null")


class Strict(Frozen):
    """A value that clients write: a misspelt field is an error, not a silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Event(Frozen):
    """The base of all that travels: who, when, and as part of which trace.

    ``trace`` is a W3C ``traceparent``; ``tenant`` counts only as far as the way the record
    came in proves it (see ``infra.signing``).
    """

    id: Identifier = Field(default_factory=new_id)
    tenant: Tenant | None = None
    time: AwareDatetime = Field(default_factory=now)
    trace: str | None = Field(default=None, max_length=64)
    schema_version: Literal[1] = 1


class Source(Frozen):
    """Where on the log a record stands."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"
