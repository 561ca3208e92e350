"""What screening found in a text, and what the policy says about it."""

from enum import IntEnum, StrEnum
from typing import Literal

from pydantic import Field

from schemas.base import Frozen

Category = Literal["pii", "secret", "payload", "injection", "harm"]
Direction = Literal["prompt", "document", "tool", "ocr", "speech", "output"]


class Action(StrEnum):
    """What is done with a text, from lenient to strict."""

    ALLOW = "allow"
    REDACT = "redact"
    LOCAL_ONLY = "local_only"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        return list(Action).index(self)


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


class Verdict(Frozen):
    """The decision on one text. Never carries the text that was found."""

    action: Action
    level: LevelName = "none"
    findings: tuple[Finding, ...] = Field(default=(), max_length=100)
    policy: str
    rules: str
    reason: str = ""
