"""What is kept about somebody in Redis and in the object store, and that it goes with them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.objects import ObjectStore
from infra.redis import Store
from infra.settings import Settings
from infra.topics import Names
from infra.vault.kept import Kept, SealedFiles
from infra.vault.sealing import is_sealed
from infra.vault.sqlite import SqliteKeys
from infra.vault.vault import Vault
from schemas.errors import KeyErased, NotFound

LIMIT = 2**20


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    made = Store(settings)
    yield made
    await made.close()


@pytest.fixture(params=[True, False], ids=["sealed", "plain"])
async def vault(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> AsyncIterator[Vault]:
    keys = SqliteKeys(tmp_path / "keys.db", b"m" * 32)
    made = Vault(keys, Names(settings.kafka), audit=True, stores=request.param)
    yield made
    await made.close()


async def test_values_come_back_and_go_with_their_subject(store: Store, vault: Vault) -> None:
    kept, alice, bob = Kept(store, vault), await vault.current("acme", "alice"), await vault.current("acme", "bob")
    for key, subject in (("answer:acme:1", alice), ("cache:2", alice), ("answer:acme:3", bob)):
        assert await kept.set(key, b'{"a": 1}', 60, subject)
        assert is_sealed(await store.get(key)) is vault.stores
        assert await kept.open(key, await store.get(key)) == b'{"a": 1}'
    assert await kept.purge(alice.partition(".")[0]) == 3  # two values, and the set that names them
    assert await kept.purge(alice.partition(".")[0]) == 0
    assert [await store.get(key) for key in ("answer:acme:1", "cache:2")] == [None, None]
    assert await kept.open("answer:acme:3", await store.get("answer:acme:3")) == b'{"a": 1}'


async def test_nothing_is_kept_of_who_was_erased_meanwhile(store: Store, vault: Vault) -> None:
    kept, alice = Kept(store, vault), await vault.current("acme", "alice")
    await vault.erase(alice.partition(".")[0])
    assert not await kept.set("answer:acme:1", b"{}", 60, alice)
    assert await store.get("answer:acme:1") is None


async def test_what_was_erased_or_moved_reads_as_nothing(store: Store, vault: Vault) -> None:
    kept, alice = Kept(store, vault), await vault.current("acme", "alice")
    value = await vault.seal(alice, b"{}", "answer:acme:1")
    assert await kept.open("answer:acme:2", value) is None
    await vault.erase(alice.partition(".")[0])
    assert await kept.open("answer:acme:1", value) is None


async def test_files_are_kept_once_for_each_subject(settings: Settings, vault: Vault) -> None:
    objects = ObjectStore(settings)
    files, alice, bob = SealedFiles(objects, vault), *[await vault.current("acme", each) for each in ("alice", "bob")]
    kept = [await files.put(b"picture", subject) for subject in (alice, alice, bob, None)]
    assert len(set(kept)) == (3 if vault.stores else 1)
    for uri, sha256 in kept:
        assert await files.get(uri, sha256, LIMIT) == b"picture"
    await vault.erase(alice.partition(".")[0])
    if vault.stores:
        with pytest.raises(KeyErased):
            await files.get(*kept[0], LIMIT)
    assert await files.get(*kept[2], LIMIT) == b"picture"


async def test_objects_that_others_name_stay(settings: Settings) -> None:
    from schemas.work import Attachment

    objects = ObjectStore(settings)
    (shared, digest), (own, own_digest) = objects.put(b"shared"), objects.put(b"own")
    for tenant, file_id, uri, sha256 in (
        ("acme", "f1", shared, digest),
        ("other", "f2", shared, digest),
        ("acme", "f3", own, own_digest),
    ):
        made = Attachment(file_id=file_id, uri=uri, sha256=sha256, media_type="image/png", bytes=6)
        objects.put_record(tenant, file_id, made)
    mine = [("acme", "f1"), ("acme", "f3")]
    assert objects.delete([shared, own, "objects/../x", own], mine) == 1
    assert objects.get(shared, digest, LIMIT) == b"shared"
    with pytest.raises(NotFound):
        objects.get(own, own_digest, LIMIT)
    assert objects.delete([own], mine) == 0
