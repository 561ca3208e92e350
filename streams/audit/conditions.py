"""What an audit record must be like to count: by severity, by what was done, by whom and with which result."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any, Self, get_args

from pydantic import Field, ValidationError

from schemas.audit import Severity
from schemas.base import Strict
from schemas.errors import InvalidField
from schemas.policies import lines

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
_OTHERWISE: dict[str, Severity] = {
    "debug": "info", "informational": "info", "notice": "low", "warning": "medium", "error": "high",
    "fatal": "critical",
}  # fmt: skip
Patterns = tuple[str, ...]


class Condition(Strict):
    """All that are given must hold. Texts may have ``*`` in them; of several one must fit. ``stage``, ``outcome`` and
    ``code`` speak of one and the same decision."""

    severity: Severity | None = None
    """At least so severe."""
    action: Patterns = Field(default=(), max_length=64)
    actor: Patterns = Field(default=(), max_length=64)
    tenant: Patterns = Field(default=(), max_length=64)
    status: Patterns = Field(default=(), max_length=64)
    stage: Patterns = Field(default=(), max_length=64)
    outcome: Patterns = Field(default=(), max_length=64)
    code: Patterns = Field(default=(), max_length=64)

    def __call__(self, audit: dict[str, Any]) -> bool:
        if self.severity and rank(severity(audit)) < rank(self.severity):
            return False
        if not all(_fits(getattr(self, name), audit.get(name)) for name in ("action", "actor", "tenant", "status")):
            return False
        asked = {name: wanted for name in ("stage", "outcome", "code") if (wanted := getattr(self, name))}
        return not asked or any(
            all(_fits(wanted, decision.get(name)) for name, wanted in asked.items()) for decision in decisions(audit)
        )

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """From ``severity=high`` and ``action=release``; a name given again is another value that may fit.

        Raises:
            InvalidField: a text is no such thing, or its name or value is unknown.
        """
        given: dict[str, Any] = {}
        for text in texts:
            name, equals, value = text.partition("=")
            if not equals or not value:
                raise InvalidField("filter: give FIELD=VALUE, as in severity=high", param="filter")
            if name == "severity":
                given[name] = value
            else:
                given[name] = (*given.get(name, ()), value)
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise InvalidField("filter: " + "; ".join(lines(error)), param="filter") from error


def severity(audit: dict[str, Any]) -> Severity:
    """How severe an audit record says it is; one that does not say is as severe as the worst of its decisions."""
    told = audit.get("severity")
    if told:
        return named(told)
    details = (decision.get("detail") for decision in decisions(audit))
    levels = (detail.get("level") for detail in details if isinstance(detail, dict))
    return max((named(level) for level in levels), key=rank, default="info")


def decisions(audit: dict[str, Any]) -> list[dict[str, Any]]:
    found = audit.get("decisions")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def rank(name: Severity) -> int:
    return SEVERITIES.index(name)


def named(told: object) -> Severity:
    """A severity by its name, or by the name that others have for it."""
    text = str(told).lower()
    return next((name for name in SEVERITIES if name == text), _OTHERWISE.get(text, "info"))


def _fits(patterns: Patterns, value: object) -> bool:
    return not patterns or any(fnmatchcase(str(value or ""), pattern) for pattern in patterns)
