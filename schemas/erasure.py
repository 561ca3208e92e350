"""``headrace.erasures``: what is asked to be erased or held, and what each component says it did.

A subject is a pseudonym here; the name is not on the log.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from schemas.base import Event

Component = Literal["keys", "answers", "files", "examples", "topics"]
COMPONENTS: tuple[Component, ...] = ("keys", "answers", "files", "examples", "topics")
Subject = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class Erasure(Event):
    """Everything about a subject is to go. Each of ``components`` confirms with a ``Purged``."""

    kind: Literal["erasure"] = "erasure"
    subject: Subject
    reason: Reason
    vault: str
    """The mark of the vault that made the pseudonym: another one would purge another subject, or nobody."""
    components: tuple[Component, ...] = COMPONENTS


class Purged(Event):
    """A component has nothing of the subject any more; ``count`` is how much it purged, ``note`` of what."""

    kind: Literal["purged"] = "purged"
    erasure: str
    subject: Subject
    component: Component
    count: int = Field(ge=0)
    note: str = ""


class Refused(Event):
    """An erasure that is not done, because a hold stands."""

    kind: Literal["refused"] = "refused"
    erasure: str
    subject: Subject
    reason: str


class Hold(Event):
    """A legal hold: until it is released nothing of the subject is erased."""

    kind: Literal["hold"] = "hold"
    subject: Subject
    reason: Reason
    released: bool = False


ErasureEvent = Annotated[Erasure | Purged | Refused | Hold, Field(discriminator="kind")]
ERASURE_EVENT: TypeAdapter[Erasure | Purged | Refused | Hold] = TypeAdapter(ErasureEvent)
