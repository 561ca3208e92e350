"""What screening found in a text, and what the policy says about it."""

from enum import IntEnum, StrEnum
from typing import Literal

from pydantic import Field

from schemas.base import Frozen

Category = Literal["pii", "secret", "payload", "injection", "harm"]
Direction = Literal["prompt", "document", "tool", "ocr", "speech", "output", "image"]
Language = Literal["zh", "en", "other"]
"""By script: Chinese characters, Latin letters, anything else."""


class Action(StrEnum):
    """What is done with a text, from lenient to strict."""

    ALLOW = "allow"
    REDACT = "redact"
    LOCAL_ONLY = "local_only"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        return list(Action).index(self)


class Measure(StrEnum):
    """What a policy orders, from lenient to strict. ``flag`` lets a text pass and points it out; ``review`` holds it
    back until a person has looked."""

    ALLOW = "allow"
    FLAG = "flag"
    REDACT = "redact"
    LOCAL_ONLY = "local_only"
    REVIEW = "review"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        return list(Measure).index(self)

    @property
    def action(self) -> Action:
        """What is done at once."""
        return {Measure.FLAG: Action.ALLOW, Measure.REVIEW: Action.BLOCK}.get(self) or Action(self.value)


class Level(IntEnum):
    """How serious the gravest finding is; travels as its lower-case name."""

    NONE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


LevelName = Literal["none", "low", "medium", "high", "critical"]


class Finding(Frozen):
    """One span ``[start, end)`` of the original text, in characters."""

    category: Category
    entity: str
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    score: float = Field(ge=0, le=1)
    detector: str
    version: str = ""
    """Of the detector, where it has one of its own: a learned one's artefact. Else the verdict's ``rules``."""


class Verdict(Frozen):
    """The decision on one text. Never carries the text that was found."""

    action: Action
    measure: str = ""
    """What the policy ordered, where ``action`` alone does not say it: ``flag`` or ``review``."""
    level: LevelName = "none"
    findings: tuple[Finding, ...] = Field(default=(), max_length=100)
    policy: str
    rules: str
    reason: str = ""

    @property
    def ordered(self) -> Measure:
        """What the policy ordered."""
        return Measure(self.measure or self.action.value)
