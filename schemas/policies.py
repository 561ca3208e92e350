"""The policy document: what screening does with what it finds, and which model answers.

One document governs all tenants; ``tenants`` holds what differs for one of them. Its version is a digest
of its content, so two documents with the same version decide alike.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import Field, PrivateAttr, StringConstraints, ValidationError, model_validator

from schemas.base import Identifier, Strict, Tenant
from schemas.bounds import BoundsPolicy
from schemas.entities import ENTITIES, Entity, canonical
from schemas.requests import Kind
from schemas.screening import Category, Direction, Finding, Measure
from schemas.treatments import Named, Treatment, Treatments

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Word = Annotated[str, StringConstraints(min_length=2, max_length=100)]
MAX_WORDS = 5_000


ORDINARY = (
    "今天的天气很好，我们一起去公园散步，晚上回家吃饭，然后学习和工作。你好，请问这个问题怎么解决？谢谢您的帮助。",
    "极端天气预报说明天有暴雨，安全工程师用防火墙防止暴力破解密码，并且终止了一个进程。",
    "hello, please tell me how the weather is today and what we can do about this question. thank you for your help.",
    "i want to write a story, kill a process, attack the problem and select all rows from the table of users.",
)
"""Sentences that every policy must let through: a sensitive word found in one would block daily work."""

_STOPS = str.maketrans(dict.fromkeys(",.?!", None))


class WordList(Strict):
    """Sensitive words of one kind; matched without regard to case, width and invisible characters."""

    level: Literal["low", "medium", "high", "critical"] = "high"
    words: tuple[Word, ...] = Field(max_length=MAX_WORDS)


class Message(Strict):
    """What a person reads when a text was blocked."""

    zh: str = Field(min_length=1, max_length=500)
    en: str = Field(min_length=1, max_length=500)


class ScreeningPolicy(Strict):
    """For each direction, what is done with an entity, else with its category, else nothing."""

    actions: dict[Direction, Treatments] = Field(default_factory=dict)
    words: dict[Name, WordList] = Field(default_factory=dict, max_length=64)
    hold_back: int = Field(default=8192, ge=256, le=1_000_000)
    """Characters that a stream may keep back; one that needs more waits for the verdict on the whole text."""
    remote: Literal["as_screened", "placeholders"] = "as_screened"
    """How chats and completions go to remote models: with ``placeholders``, what is personal or secret, and would be
    redacted or kept local, goes as ``<PHONE_1>`` and comes back in the answer."""
    on_failure: Literal[Measure.BLOCK, Measure.FLAG] = Measure.BLOCK
    """What becomes of a text when a detector fails on it."""
    message: Message = Message(
        zh="这条内容不符合使用策略，因此没有处理。", en="This content is not allowed by policy and was not processed."
    )
    messages: dict[Named, Message] = Field(default_factory=dict)
    """By entity, category or word list; the first of them that was found goes before ``message``."""

    def told(self, findings: Iterable[Finding]) -> str:
        """What a person reads of a text that was blocked, in both languages."""
        found = {name for each in findings for name in (each.entity, each.category)}
        message = next((message for name, message in self.messages.items() if name in found), self.message)
        return f"{message.en} {message.zh}"

    def treatment(self, direction: Direction, entity: str) -> Treatment:
        table = self.actions.get(direction, {})
        return table[name] if (name := self.line(direction, entity)) else Treatment(action=Measure.ALLOW)

    def line(self, direction: Direction, entity: str) -> str:
        """The name under which the policy says what is done with an entity; empty when it says nothing."""
        table = self.actions.get(direction, {})
        return next((name for name in (entity, self.entity(entity).category) if name in table), "")

    def entity(self, name: str) -> Entity:
        """What no detector of ours and no word list finds is a label of a learned detector's own."""
        if name in ENTITIES:
            return ENTITIES[name]
        return Entity("harm", self.words[name].level if name in self.words else "high")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        problems = [*self._unknown(), *self._meaningless(), *self._too_broad()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _unknown(self) -> Iterator[str]:
        taken = {*ENTITIES, *get_args(Category)}
        known = ", ".join(sorted({*taken, *self.words}))
        for direction, table in self.actions.items():
            for name in sorted(table.keys() - taken - self.words.keys()):
                yield f"actions.{direction}.{name} is no entity, category or word list; known: {known}"
        for name in sorted(self.messages.keys() - taken - self.words.keys()):
            yield f"messages.{name} is no entity, category or word list; known: {known}"
        for name in sorted(name for name in self.words if canonical(name) in taken):
            yield f"words.{name} has the name of an entity or category; choose another"

    def _meaningless(self) -> Iterator[str]:
        for direction, table in self.actions.items():
            for name, treatment in table.items():
                lenient = treatment.action.severity <= Measure.FLAG.severity
                if treatment.flag is not None and (lenient or treatment.flag >= treatment.threshold):
                    yield (
                        f"actions.{direction}.{name}: 'flag' is the lower score from which a finding is only pointed "
                        "out; give it below 'threshold', beside an action stricter than flag"
                    )
        for name, treatment in self.actions.get("output", {}).items():
            if Measure.LOCAL_ONLY in treatment.orders:
                yield f"actions.output.{name}: an answer has already been made; use allow, redact or block"
        for name, treatment in self.actions.get("image", {}).items():
            if Measure.REDACT in treatment.orders:
                yield f"actions.image.{name}: a picture is not cut; use allow, flag, local_only, review or block"

    def _too_broad(self) -> Iterator[str]:
        if sum(len(each.words) for each in self.words.values()) > MAX_WORDS:
            yield f"words: more than {MAX_WORDS} in all"
        for name, each in self.words.items():
            for word in each.words:
                if len(plain(word)) < 2:
                    yield f"words.{name}: {word!r} is empty or a single character and would match nearly everything"
                elif _is_ordinary(plain(word)):
                    yield f"words.{name}: {word!r} is an ordinary word and would hit harmless texts"


class Condition(Strict):
    """All that are given must hold. ``min_chars`` and ``max_chars`` count the text of the request."""

    kind: tuple[Kind, ...] = ()
    security: tuple[Literal["low", "medium", "high"], ...] = ()
    tenant: tuple[Tenant, ...] = ()
    image: bool | None = None
    simple: bool | None = None
    local_only: bool | None = None
    min_chars: int | None = Field(default=None, ge=0)
    max_chars: int | None = Field(default=None, ge=0)


class RoutingRule(Strict):
    """The first rule whose condition holds chooses the model."""

    name: Identifier
    when: Condition = Condition()
    model: Identifier


class CircuitPolicy(Strict):
    """A model whose last ``failures`` results within ``window_s`` seconds failed rests for ``open_s`` seconds."""

    failures: int = Field(default=5, ge=1, le=1000)
    window_s: float = Field(default=60.0, gt=0)
    open_s: float = Field(default=15.0, gt=0)


class RoutingPolicy(Strict):
    """Which model answers: the one asked for, else the first rule that holds, else by what the request is."""

    default: Identifier
    small: Identifier | None = None
    embedding: Identifier | None = None
    vision: Identifier | None = None
    matcher: Identifier | None = None
    """The model that compares pictures with labels."""
    simple_chars: int = Field(default=120, ge=0)
    """A text question up to this long, without code or tasks of several steps, is simple."""
    rules: tuple[RoutingRule, ...] = Field(default=(), max_length=256)
    fallbacks: dict[Identifier, Annotated[tuple[Identifier, ...], Field(max_length=8)]] = Field(default_factory=dict)
    circuit: CircuitPolicy = CircuitPolicy()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        for name, chain in self.fallbacks.items():
            if name in chain:
                raise ValueError(f"fallbacks.{name} names itself")
        names = [rule.name for rule in self.rules]
        if len(set(names)) < len(names):
            raise ValueError("rules: each needs a name of its own")
        return self


class Override(Strict):
    """What differs for one tenant, in the shape of the document; merged key by key, lists replaced."""

    screening: dict[str, Any] = Field(default_factory=dict)
    routing: dict[str, Any] = Field(default_factory=dict)
    bounds: dict[str, Any] = Field(default_factory=dict)


class PolicyDocument(Strict):
    name: Identifier
    screening: ScreeningPolicy
    routing: RoutingPolicy
    bounds: BoundsPolicy = BoundsPolicy()
    tenants: dict[Tenant, Override] = Field(default_factory=dict, max_length=1000)
    _merged: dict[str, "PolicyDocument"] = PrivateAttr(default_factory=dict)

    def for_tenant(self, tenant: str | None) -> "PolicyDocument":
        """The document as it stands for one tenant, without the others' overrides."""
        return self._merged.get(tenant, self) if tenant else self

    @model_validator(mode="after")
    def _merge_tenants(self) -> Self:
        mine = self.model_dump(mode="json", exclude={"tenants"}, exclude_defaults=True)
        problems = []
        for tenant, override in self.tenants.items():
            try:
                self._merged[tenant] = PolicyDocument.model_validate(merge(mine, override.model_dump(mode="json")))
            except ValidationError as error:
                problems += [f"tenants.{tenant}.{line}" for line in lines(error)]
        if problems:
            raise ValueError("; ".join(problems))
        return self


def merge(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """``base`` with ``change`` laid over it: mappings key by key, anything else replaced."""
    merged = dict(base)
    for key, value in change.items():
        old = merged.get(key)
        merged[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def lines(error: ValidationError) -> list[str]:
    """Every problem of a document, a line each: where and what."""
    return [
        ".".join(map(str, each["loc"])) + ": " + each["msg"].removeprefix("Value error, ")
        for each in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def plain(word: str) -> str:
    """A word as it is compared: compatibility forms resolved (NFKC), case folded, outer spaces gone."""
    return unicodedata.normalize("NFKC", word).casefold().strip()


def _is_ordinary(word: str) -> bool:
    if not word.isascii():
        return any(word in sentence for sentence in ORDINARY)
    return any(f" {word} " in f" {sentence.translate(_STOPS)} " for sentence in ORDINARY)


def document_version(document: PolicyDocument) -> str:
    """The first 12 hexadecimal digits of the SHA-256 of the document's canonical JSON, without what is as by default,
    so that it stays the same when a release adds something."""
    content = document.model_dump(mode="json", exclude_defaults=True)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
