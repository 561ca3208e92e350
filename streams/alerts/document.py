"""The alert document: which audit events people hear of, and where."""

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from schemas.base import Identifier, Strict
from schemas.errors import InvalidField
from schemas.policies import lines
from streams.audit.conditions import Condition

DAY_S = 86_400.0
MAX_CHARS = 2**18
Language = Literal["en", "zh", "both"]
Seconds = Annotated[float, Field(gt=0, le=DAY_S)]
Grouping = Literal["tenant", "actor", "action", "code", "request_id", "status"]
Secret = Annotated[str, Field(min_length=1, max_length=2000)]
"""A value, or ``secret:NAME`` for one of ``alerts.secrets`` in the settings."""


class Webhook(Strict):
    """``webhook`` posts the alert as JSON, signed when there is a ``key``; the others what their services read."""

    kind: Literal["webhook", "slack", "wecom"]
    url: Secret
    key: Secret | None = None

    @model_validator(mode="after")
    def _signs(self) -> Self:
        if self.key and self.kind != "webhook":
            raise ValueError(f"a {self.kind} channel has no key: its URL is its secret")
        return self


class Mail(Strict):
    """SMTP. A password is sent over TLS only."""

    kind: Literal["smtp"]
    host: str = Field(min_length=1, max_length=253)
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: Path | None = None
    username: str | None = None
    password: Secret | None = None
    sender: Annotated[str, Field(pattern=r"^[^\s<>,@]+@[^\s<>,@]+$")]
    to: tuple[Annotated[str, Field(pattern=r"^[^\s<>,@]+@[^\s<>,@]+$")], ...] = Field(min_length=1, max_length=50)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.password and self.tls == "none":
            raise ValueError("a password needs tls: starttls or tls")
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password belong together")
        return self


ChannelSpec = Annotated[Webhook | Mail, Field(discriminator="kind")]


class Rate(Strict):
    """So many events of one group within so many seconds, at any moment."""

    count: int = Field(ge=2, le=100_000)
    within_s: Seconds = 60.0


class FirstSeen(Strict):
    """A value of a field that was not there in the last ``within_s`` seconds."""

    field: Grouping
    within_s: Seconds = DAY_S


class Rule(Strict):
    """Alerts of each event that fits; with ``rate`` or ``first_seen`` when that is so."""

    name: Identifier
    when: Condition = Condition()
    rate: Rate | None = None
    first_seen: FirstSeen | None = None
    by: tuple[Grouping, ...] = ("tenant",)
    """Events that agree in these are one group: counted together, and told of once within the quiet time."""
    quiet_s: Seconds = 300.0
    channels: tuple[Identifier, ...] = Field(min_length=1, max_length=16)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.rate and self.first_seen:
            raise ValueError("give rate or first_seen, or make two rules of it")
        if self.when == Condition() and not self.first_seen:
            raise ValueError("a rule without 'when' would alert of every event")
        return self

    @property
    def window_s(self) -> float:
        """How far back the rule looks."""
        span = self.rate.within_s if self.rate else self.first_seen.within_s if self.first_seen else 0.0
        return max(span, self.quiet_s)


class AlertDocument(Strict):
    name: Identifier
    language: Language = "both"
    channels: dict[Identifier, ChannelSpec] = Field(min_length=1, max_length=32)
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=256)

    @property
    def window_s(self) -> float:
        return max(rule.window_s for rule in self.rules)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        names = [rule.name for rule in self.rules]
        problems = [f"rules.{name}: each needs a name of its own" for name in sorted({*names}) if names.count(name) > 1]
        problems += [
            f"rules.{rule.name}: there is no channel {channel!r}; known: {', '.join(sorted(self.channels))}"
            for rule in self.rules
            for channel in rule.channels
            if channel not in self.channels
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self


def load_alerts(path: Path) -> AlertDocument:
    """The document in a YAML file; all its problems are told at once.

    Raises:
        InvalidField: it cannot be read, or is not sound.
    """
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MAX_CHARS + 1)
        if len(text) > MAX_CHARS:
            raise InvalidField(f"{path} has more than {MAX_CHARS} characters")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise InvalidField(f"{path} cannot use YAML aliases (*name): write the values out")
        return AlertDocument.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        raise InvalidField(f"{path} has problems:\n" + "\n".join(f"- {line}" for line in lines(error))) from error
    except (OSError, UnicodeDecodeError, RecursionError, yaml.YAMLError) as error:
        raise InvalidField(f"{path} cannot be read: {error}") from error
