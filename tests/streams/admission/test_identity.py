from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from infra.broker import Record
from infra.keys import IssuedKey, KeyRing, Scope, issue
from infra.settings import Settings
from infra.signing import sign, signing_key_of
from schemas.base import Event, now
from schemas.errors import (
    BadSignature,
    Forbidden,
    HeadraceError,
    InvalidField,
    KeyRevoked,
    TenantMismatch,
    Unauthenticated,
)
from streams.admission.identity import Identity, Sender

MASTER = bytes(range(32))


def identity(tmp_path: Path, *keys: IssuedKey, default: str | None = "local") -> Identity:
    ring = KeyRing(MASTER)
    for key in keys:
        ring.apply(key.record)
    return Identity(Settings(state=tmp_path, default_tenant=default), ring)


def signed(key: IssuedKey, body: dict[str, Any]) -> Record:
    value = orjson.dumps(body)
    return Record("headrace.requests", 0, 0, None, value, sign(value, [], key.id, signing_key_of(key.secret)), 0)


def plain(topic: str = "requests") -> Record:
    return Record(f"headrace.{topic}", 0, 0, None, b"{}", [], 0)


@pytest.mark.parametrize(
    ("topic", "body", "tenant", "bound"),
    [
        ("requests", {}, "local", False),
        ("requests", {"tenant": "acme"}, "local", False),  # merely named: proves nothing
        ("requests.acme", {}, "acme", True),
        ("requests.acme", {"tenant": "acme"}, "acme", True),
        ("uploads", {}, "local", False),
    ],
)
def test_unsigned_records(tmp_path: Path, topic: str, body: dict[str, Any], tenant: str, bound: bool) -> None:
    sender = identity(tmp_path).of(plain(topic), body)
    assert (sender.tenant, sender.bound, sender.key) == (tenant, bound, None)


@pytest.mark.parametrize(
    ("scopes", "body", "scope", "expected"),
    [
        (["requests"], {}, "requests", ("acme", "signature")),
        (["requests"], {"tenant": "acme"}, "requests", ("acme", "signature")),
        (["requests"], {"tenant": "umbrella"}, "requests", TenantMismatch),
        (["requests"], {}, "files", Forbidden),
        (["requests"], {}, "feedback", Forbidden),
        (["admin"], {}, "requests", Forbidden),
        (["gateway"], {"tenant": "umbrella"}, "files", ("umbrella", "gateway")),  # it speaks for whom it names
        (["gateway"], {}, "requests", Forbidden),  # and for nobody else
        (["gateway"], {"tenant": 7}, "requests", InvalidField),
        (["gateway"], {"tenant": "No Label"}, "requests", InvalidField),  # an answer could not be built for it
    ],
)
def test_signed_records(
    tmp_path: Path,
    scopes: list[Scope],
    body: dict[str, Any],
    scope: Any,
    expected: tuple[str, str] | type[HeadraceError],
) -> None:
    key = issue("acme", scopes, MASTER)
    who = identity(tmp_path, key)
    if isinstance(expected, tuple):
        sender = who.of(signed(key, body), body, scope)
        assert (sender.tenant, sender.how) == expected
        return
    with pytest.raises(expected):
        who.of(signed(key, body), body, scope)


def test_a_signature_counts_more_than_the_topic(tmp_path: Path) -> None:
    key = issue("acme", ["requests"], MASTER)
    body = {"id": "x"}
    on_anothers = signed(key, body)
    sender = identity(tmp_path, key).of(Record("headrace.requests.umbrella", *_rest(on_anothers)), body)
    assert (sender.tenant, sender.bound) == ("acme", False)


def _rest(record: Record) -> Any:
    return record.partition, record.offset, record.key, record.value, record.headers, record.timestamp_ms


def test_who_is_not_let_in(tmp_path: Path) -> None:
    key, stranger = issue("acme", ["requests"], MASTER), issue("acme", ["requests"], MASTER)
    revoked = IssuedKey(key.id, key.secret, key.record.model_copy(update={"revoked": True}))
    with pytest.raises(Unauthenticated):
        identity(tmp_path, default=None).of(plain(), {})
    with pytest.raises(Unauthenticated):
        identity(tmp_path, key).of(signed(stranger, {}), {})
    with pytest.raises(KeyRevoked):
        identity(tmp_path, revoked).of(signed(key, {}), {})
    with pytest.raises(TenantMismatch):
        identity(tmp_path).of(plain("requests.acme"), {"tenant": "umbrella"})
    forged = Record("headrace.requests", 0, 0, None, b"[]", signed(key, {}).headers, 0)
    with pytest.raises(BadSignature):
        identity(tmp_path, key).of(forged, {})


@pytest.mark.parametrize(
    ("fields", "age", "fresh"),
    [
        ({"id", "time"}, timedelta(), True),
        ({"id", "time"}, timedelta(minutes=59), True),
        ({"id", "time"}, timedelta(minutes=61), False),  # over remember_s: a replay would not be recognised
        ({"id", "time"}, timedelta(minutes=-4), True),  # clocks differ
        ({"id", "time"}, timedelta(minutes=-6), False),
        ({"id"}, timedelta(), False),
        ({"time"}, timedelta(), False),
        (set(), timedelta(), False),
    ],
)
def test_freshness_of_signed_records(tmp_path: Path, fields: set[str], age: timedelta, fresh: bool) -> None:
    key = issue("acme", ["requests"], MASTER)
    event, body = Event(time=now() - age), dict.fromkeys(fields)
    sender = Sender("acme", "signature", key=key.record)
    if fresh:
        identity(tmp_path).fresh(event, sender, body)
        return
    with pytest.raises(BadSignature):
        identity(tmp_path).fresh(event, sender, body)


def test_unsigned_records_may_be_of_any_age(tmp_path: Path) -> None:
    identity(tmp_path).fresh(Event(time=now() - timedelta(days=30)), Sender("acme", "bound topic"), {})
