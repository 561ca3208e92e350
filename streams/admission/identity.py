"""Who published a record, as far as the way it came in proves it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from infra.broker import Record
from infra.keys import KeyRing
from infra.settings import Settings
from infra.signing import verify
from infra.topics import Names
from schemas.base import Event, Tenant, now
from schemas.errors import BadSignature, Forbidden, InvalidField, TenantMismatch, Unauthenticated
from schemas.registry import Key

_TENANT: TypeAdapter[str] = TypeAdapter(Tenant)
Scope = Literal["requests", "files", "feedback"]
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Sender:
    """``tenant`` is whom the record belongs to, ``key`` the key that signed it, ``bound`` whether it came by the
    tenant's own topic, ``how`` the reason for the audit."""

    tenant: str
    how: str
    key: Key | None = None
    bound: bool = False


class Identity:
    """Decides who a record belongs to. A tenant that is merely named in it proves nothing."""

    def __init__(self, settings: Settings, keys: KeyRing) -> None:
        self._settings, self._keys, self._names = settings, keys, Names(settings.kafka)

    def of(self, record: Record, body: dict[str, Any], scope: Scope = "requests") -> Sender:
        """The sender of a record.

        Raises:
            BadSignature, KeyRevoked, Unauthenticated: the record is signed, but not well.
            Forbidden: the key may not do this.
            InvalidField: the gateway names what cannot be a tenant.
            TenantMismatch: record and key, or record and topic, name different tenants.
        """
        named = body.get("tenant")
        if key := verify(record.value or b"", record.headers, self._keys):
            return self._signed(key, named, body, scope)
        if bound := self._names.tenant_of(record.topic):
            _same(named, bound, f"the topic {record.topic}")
            return Sender(bound, "bound topic", bound=True)
        if self._settings.default_tenant is None:
            raise Unauthenticated(
                "nobody can be told to have sent this: sign it with an API key, or publish to your tenant's topic"
            )
        return Sender(self._settings.default_tenant, "default tenant")

    def fresh(self, event: Event, sender: Sender, body: dict[str, Any]) -> None:
        """A signed record must say its id and time, so that a replay is recognised or too old.

        Raises:
            BadSignature: they are missing, or the time is too long ago or ahead.
        """
        if sender.key is None:
            return
        if missing := [field for field in ("id", "time") if field not in body]:
            raise BadSignature(f"a signed record needs {' and '.join(missing)} in its body, so that replays are caught")
        window = timedelta(seconds=self._settings.limits.remember_s)
        if not now() - window <= event.time <= now() + CLOCK_SKEW:
            raise BadSignature(f"the signed time {event.time.isoformat()} is not within {window}: sign it anew")

    def _signed(self, key: Key, named: object, body: dict[str, Any], scope: Scope) -> Sender:
        if "gateway" in key.scopes and named is not None:
            return Sender(_tenant(named), "gateway", key=key)
        if scope not in key.scopes:
            raise Forbidden(f"the key {key.id} has no scope {scope!r}")
        _same(named, key.tenant, f"the key {key.id}")
        return Sender(key.tenant, "signature", key=key)


def _tenant(named: object) -> str:
    try:
        return _TENANT.validate_python(named, strict=True)
    except ValidationError as error:
        raise InvalidField("tenant: a DNS label of at most 63 lower-case characters", param="tenant") from error


def _same(named: object, proven: str, proof: str) -> None:
    if named is not None and named != proven:
        raise TenantMismatch(f"the record names another tenant than {proof} speaks for", param="tenant")
