"""Sealed records on their way to a handler."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.broker import Record
from infra.settings import KafkaSettings
from infra.topics import Names
from infra.vault.port import DataKey
from infra.vault.sqlite import SqliteKeys
from infra.vault.vault import Vault
from schemas.errors import HeadraceError, InternalError, SealBroken, Unavailable
from streams.erasure.opened import Opened
from tests.streams.making import record

TOPIC = "t.work.text"


class Noting:
    """A handler that notes what it is given."""

    def __init__(self) -> None:
        self.handled: list[Record] = []
        self.given_up: list[tuple[Record, str]] = []

    async def __call__(self, record: Record) -> None:
        self.handled.append(record)

    async def give_up(self, record: Record, error: HeadraceError, attempts: int) -> None:
        self.given_up.append((record, error.code))


class Away(SqliteKeys):
    """Keys that cannot be got at."""

    async def get(self, key_id: str) -> DataKey:
        raise Unavailable("away")


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    made = Vault(
        SqliteKeys(tmp_path / "keys.db", b"m" * 32), Names(KafkaSettings(prefix="t")), topics=frozenset({"work"})
    )
    yield made
    await made.close()


async def sealed(vault: Vault) -> Record:
    value, headers = await vault.seal_record(TOPIC, "alice", b'{"a": 1}', [("ce_id", b"r1")])
    return Record(TOPIC, 0, 7, b"r1", value, headers, 0)


async def test_plain_records_pass_as_they_are(vault: Vault) -> None:
    handler, plain = Noting(), record(b"{}", topic=TOPIC)
    await Opened(handler, vault)(plain)
    await Opened(handler, vault).give_up(plain, InternalError("x"), 5)
    assert handler.handled == [plain]
    assert handler.given_up == [(plain, "internal_error")]


async def test_sealed_records_are_opened(vault: Vault) -> None:
    handler, given = Noting(), await sealed(vault)
    await Opened(handler, vault)(given)
    await Opened(handler, vault).give_up(given, InternalError("x"), 5)
    for got in (handler.handled[0], handler.given_up[0][0]):
        assert (got.value, got.at_rest) == (b'{"a": 1}', given.value)


async def test_erased_records_are_passed_over(vault: Vault) -> None:
    handler, given = Noting(), await sealed(vault)
    await vault.erase("alice")
    await Opened(handler, vault)(given)
    await Opened(handler, vault).give_up(given, InternalError("x"), 5)
    assert (handler.handled, handler.given_up) == ([], [])


async def test_a_record_waits_for_its_key(vault: Vault, tmp_path: Path) -> None:
    handler, given = Noting(), await sealed(vault)
    away = Opened(handler, Vault(Away(tmp_path / "keys.db", b"m" * 32), Names(KafkaSettings(prefix="t"))))
    with pytest.raises(Unavailable):
        await away(given)
    with pytest.raises(Unavailable):
        await away.give_up(given, Unavailable("away"), 5)
    assert (handler.handled, handler.given_up) == ([], [])


async def test_a_changed_record_is_given_up_as_it_stands(vault: Vault) -> None:
    handler, given = Noting(), await sealed(vault)
    value = given.value or b""
    changed = Record(TOPIC, 0, 7, b"r1", value[:-1] + bytes([value[-1] ^ 1]), given.headers, 0)
    with pytest.raises(SealBroken):
        await Opened(handler, vault)(changed)
    await Opened(handler, vault).give_up(changed, SealBroken("x"), 1)
    assert handler.given_up == [(changed, "seal_broken")]
