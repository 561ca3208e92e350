"""Models, prompts, policies and keys as the registry topics carry them.

Each registry topic has one partition, so its order is total: of two records that claim to be live, the
later one is right. Keys are ``name@version``, of policies ``name@version@id``: compaction keeps every version.
"""

from typing import Any, Literal

from pydantic import Field

from schemas.base import Digest, Event, Frozen, Identifier, Tenant
from schemas.work import AdapterPin


class ModelVersion(Event):
    """A trained version of a model. ``weight`` is its share of the traffic among live versions."""

    name: Identifier
    version: str
    status: Literal["live", "retired", "refused"]
    weight: float = Field(default=1.0, ge=0, le=1)
    adapter: AdapterPin | None = None
    base: str = ""
    job: str | None = None
    reason: str = ""
    metrics: dict[str, float] = Field(default_factory=dict)


class Prompt(Event):
    """A prompt template in ``string.Template`` syntax; ``version`` is a digest of the text."""

    name: Identifier
    version: str
    text: str = Field(max_length=100_000)
    role: Literal["system", "user"] = "system"


class Approval(Frozen):
    """One person's Ed25519 signature (hexadecimal) of a policy that loosens."""

    by: Identifier
    signature: str = Field(max_length=200)


class Policy(Event):
    """A policy document at one version (the first 12 digits of its digest); later records are live. Where two people
    are needed to loosen, one that does is live with their ``approvals`` only, in place of the version it ``replaces``.
    """

    name: Identifier
    version: str
    document: dict[str, Any]
    replaces: str = ""
    approvals: tuple[Approval, ...] = Field(default=(), max_length=16)


class Key(Event):
    """An API key without its secret: ``id`` is the public key id, ``hash`` the SHA-256 of the secret,
    ``sealed`` the record-signing key encrypted with the master key (base64)."""

    tenant: Tenant
    hash: Digest
    sealed: str
    scopes: tuple[Literal["requests", "files", "feedback", "admin", "gateway", "auditor", "auditor-all"], ...]
    requests_per_minute: int | None = Field(default=None, ge=0)
    tokens_per_day: int | None = Field(default=None, ge=0)
    revoked: bool = False
    note: str = ""
