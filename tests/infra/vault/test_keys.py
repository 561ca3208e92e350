"""What every store of data keys does: SQLite, a real Valkey, and Vault's transit API."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from infra.redis import Store
from infra.settings import Settings
from infra.vault.port import KeyStore
from infra.vault.redis import RedisKeys
from infra.vault.sqlite import SqliteKeys
from infra.vault.transit import TransitKeys
from infra.vault.wrapping import Wrapping
from schemas.errors import Forbidden, KeyErased, NotFound, SealBroken, Unavailable, WrongMasterKey
from tests.infra.vault.transit import TOKEN, Transit, serving

MASTER, OTHER = b"m" * 32, b"o" * 32
Open = Callable[[bytes], KeyStore]


@pytest.fixture(params=["sqlite", "redis", "vault"])
async def opened(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens the same store again and again, each time under a master key."""
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(serving(Transit())) if request.param == "vault" else ""

        def make(master_key: bytes) -> KeyStore:
            keys: KeyStore
            if request.param == "sqlite":
                keys = SqliteKeys(tmp_path / "keys" / "data-keys.db", master_key)
            elif request.param == "redis":
                keys = RedisKeys(Store(settings), master_key)
            else:
                keys = TransitKeys(url, TOKEN)
            stack.push_async_callback(keys.close)
            return keys

        yield make


@pytest.fixture
def keys(opened: Open) -> KeyStore:
    return opened(MASTER)


async def test_a_subject_keeps_its_key(keys: KeyStore, opened: Open) -> None:
    first = await keys.current("alice")
    assert len(first.secret) == 32
    assert await keys.current("alice") == first == await keys.get(first.id)
    assert await opened(MASTER).get(first.id) == first
    assert (await keys.current("bob")).secret != first.secret
    assert first.secret.hex() not in repr(first)
    assert str(first.secret) not in repr(first)


async def test_those_who_ask_at_once_get_the_same_key(opened: Open) -> None:
    stores = [opened(MASTER) for _ in range(4)]
    found = await asyncio.gather(*(store.current("alice") for store in stores * 5))
    assert len({key.secret for key in found}) == 1


async def test_an_erased_key_is_gone_and_the_next_is_another(keys: KeyStore) -> None:
    first, bob = await keys.current("alice"), await keys.current("bob")
    for _ in range(2):
        await keys.erase("alice")
        with pytest.raises(KeyErased, match=r"alice\.1"):
            await keys.get(first.id)
    second = await keys.current("alice")
    assert second.id != first.id
    assert second.secret != first.secret
    assert await keys.get(second.id) == second
    assert await keys.get(bob.id) == bob
    await keys.erase("nobody")


@pytest.mark.parametrize(
    "key_id",
    ["alice.1", "alice.0", "alice", "alice.x", "alice.-1", "", ".1", "alice." + "9" * 30],
)
async def test_a_key_that_never_was_is_not_found(keys: KeyStore, key_id: str) -> None:
    with pytest.raises(NotFound):
        await keys.get(key_id)


async def test_another_generation_is_not_found(keys: KeyStore) -> None:
    await keys.current("alice")
    with pytest.raises(NotFound):
        await keys.get("alice.2")


async def test_a_wrong_master_key_is_named_and_rewrapping_mends_it(keys: KeyStore, opened: Open) -> None:
    if isinstance(keys, TransitKeys):
        assert await keys.rewrap(OTHER) == 0  # Vault wraps by its own
        return
    kept = [await keys.current(name) for name in ("alice", "bob")]
    await keys.current("carol")
    await keys.erase("carol")
    other = opened(OTHER)
    for asked in (other.current("alice"), other.get("alice.1")):
        with pytest.raises(WrongMasterKey, match=f"{Wrapping(MASTER).fingerprint.hex()}.*rewrap"):
            await asked
    assert (await other.rewrap(MASTER), await other.rewrap(MASTER)) == (2, 0)
    assert [await other.get(key.id) for key in kept] == kept
    with pytest.raises(KeyErased):
        await other.get("carol.1")
    with pytest.raises(WrongMasterKey):
        await opened(MASTER).get("alice.1")


class TestSqlite:
    async def test_nothing_of_an_erased_key_is_left_on_the_disk(self, tmp_path: Path) -> None:
        path = tmp_path / "data-keys.db"
        keys, reader = SqliteKeys(path, MASTER), SqliteKeys(path, MASTER)
        for number in range(200):
            await keys.current(f"subject-{number}")
        await reader.current("subject-7")
        wrapped = _wrapped(keys, "subject-7")
        assert any(wrapped in each for each in _files(tmp_path))
        await keys.erase("subject-7")
        assert not any(wrapped in each for each in _files(tmp_path))
        await asyncio.gather(keys.close(), reader.close())

    async def test_only_its_owner_may_read_it(self, tmp_path: Path) -> None:
        keys = SqliteKeys(tmp_path / "data-keys.db", MASTER)
        await keys.current("alice")
        assert _modes(tmp_path) == {0o600}
        await keys.close()

    async def test_a_file_that_is_none_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "data-keys.db"
        path.write_bytes(b"no database " * 100)
        with pytest.raises(Unavailable, match=r"data-keys\.db"):
            await SqliteKeys(path, MASTER).current("alice")

    async def test_a_changed_key_is_told(self, tmp_path: Path) -> None:
        keys = SqliteKeys(tmp_path / "data-keys.db", MASTER)
        await keys.current("alice")
        wrapped = _wrapped(keys, "alice")
        await keys._run(lambda db: db.execute("UPDATE data_keys SET wrapped = ?", (wrapped[:-1] + b"\0",)).fetchall())
        with pytest.raises(SealBroken, match=r"alice\.1"):
            await keys.get("alice.1")
        await keys.close()


class TestTransit:
    async def test_a_sealed_vault_is_away(self) -> None:
        transit = Transit()
        async with serving(transit) as url:
            keys = TransitKeys(url, TOKEN)
            transit.sealed = True
            with pytest.raises(Unavailable):
                await keys.current("alice")
            transit.sealed = False
            assert (await keys.current("alice")).id == "alice.1"
            await keys.close()

    async def test_a_wrong_token_is_told(self) -> None:
        async with serving(Transit()) as url:
            keys = TransitKeys(url, "hvs.other")
            with pytest.raises(Forbidden, match="policy"):
                await keys.current("alice")
            await keys.close()

    async def test_nobody_there_is_away(self) -> None:
        keys = TransitKeys("http://127.0.0.1:9", TOKEN)
        with pytest.raises(Unavailable):
            await keys.get("alice.1")
        await keys.close()

    async def test_an_erased_version_is_gone_from_vault(self) -> None:
        transit = Transit()
        async with serving(transit) as url:
            keys = TransitKeys(url, TOKEN)
            await keys.current("alice")
            await keys.erase("alice")
            assert list(transit.keys["headrace-alice"].versions) == [2]
            await keys.close()


def _wrapped(keys: SqliteKeys, subject: str) -> bytes:
    query = "SELECT wrapped FROM data_keys WHERE subject = ?"
    found: bytes = keys._locked(lambda db: db.execute(query, (subject,)).fetchone()[0])
    return found


def _files(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.iterdir()]


def _modes(folder: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in folder.iterdir()}
