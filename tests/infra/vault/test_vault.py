"""Sealing and opening: for whom, under what, and what must not open."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.broker import Record
from infra.settings import KafkaSettings, Settings
from infra.topics import Names
from infra.vault.build import build_keys
from infra.vault.sealing import is_sealed, key_of
from infra.vault.sqlite import SqliteKeys
from infra.vault.vault import SEALED, Vault
from schemas.errors import HeadraceError, InvalidField, KeyErased, NotFound, SealBroken, WrongMasterKey

NAMES = Names(KafkaSettings(prefix="t"))
TEXTS = ["hello, 你好", "", "\ud800 unpaired", "x" * 100_000]


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    made = Vault(SqliteKeys(tmp_path / "keys.db", b"m" * 32), NAMES, topics=frozenset({"work", "responses"}))
    yield made
    await made.close()


@pytest.mark.parametrize("text", TEXTS, ids=["both", "empty", "surrogate", "long"])
async def test_text_comes_back(vault: Vault, text: str) -> None:
    sealed = await vault.seal_text("alice", text, "in:t:0:7")
    assert await vault.open_text(sealed, "in:t:0:7") == text
    assert "hello" not in sealed


async def test_a_repeat_is_the_same_bytes_and_another_record_is_not(vault: Vault) -> None:
    first = await vault.seal("alice", b"x", "r1")
    assert await vault.seal("alice", b"x", "r1") == first
    assert await vault.seal("alice", b"x", "r2") != first != await vault.seal("alice", b"y", "r1")
    assert await vault.seal("bob", b"x", "r1") != first


@pytest.mark.parametrize(
    "at",
    [
        2,  # the mark
        3,  # the length of the key's id
        5,  # the key's id
        13,  # the nonce
        -20,  # the ciphertext
        -1,  # the tag
    ],
)
async def test_a_changed_byte_does_not_open(vault: Vault, at: int) -> None:
    sealed = bytearray(await vault.seal("alice", b"content", "r1"))
    sealed[at] ^= 1
    with pytest.raises((SealBroken, NotFound)):
        await vault.open(bytes(sealed), "r1")


@pytest.mark.parametrize("size", range(40))
async def test_what_is_cut_off_does_not_open(vault: Vault, size: int) -> None:
    sealed = await vault.seal("alice", b"content", "r1")
    with pytest.raises((SealBroken, NotFound)):
        await vault.open(sealed[:size], "r1")


async def test_it_opens_as_its_own_record_only(vault: Vault) -> None:
    sealed = await vault.seal("alice", b"content", "r1")
    with pytest.raises(SealBroken, match="r2"):
        await vault.open(sealed, "r2")


async def test_an_erased_subject_is_closed_here_at_once_and_can_come_back(vault: Vault) -> None:
    sealed = await vault.seal("alice", b"content", "r1")
    await vault.erase("alice")
    with pytest.raises(KeyErased):
        await vault.open(sealed, "r1")
    again = await vault.seal("alice", b"content", "r1")
    assert key_of(again) == "alice.2"
    assert await vault.open(again, "r1") == b"content"


async def test_pseudonyms_are_stable_apart_and_say_nothing(vault: Vault, tmp_path: Path) -> None:
    names = [
        ("acme", "alice"),
        ("acme", "爱丽丝"),
        ("other", "alice"),
        ("acme", None),
        (None, None),
        ("acme", "\ud800"),
    ]
    made = [await vault.subject(*name) for name in names]
    assert len(set(made)) == len(names)
    assert all(len(each) == 32 for each in made)
    again = Vault(SqliteKeys(tmp_path / "keys.db", b"m" * 32), NAMES)
    assert [await again.subject(*name) for name in names] == made
    other = Vault(SqliteKeys(tmp_path / "other.db", b"m" * 32), NAMES)
    assert await other.subject("acme", "alice") != made[0]
    await again.close()
    await other.close()


@pytest.mark.parametrize(
    ("topic", "sealed"),
    [
        ("t.work.text", True),
        ("t.work.text.batch", True),
        ("t.responses", True),
        ("t.responses.acme", True),  # a tenant's own
        ("t.requests", False),
        ("t.audit", False),
        ("t.workshop", False),
        ("other.work.text", False),
    ],
)
async def test_the_topics_that_are_sealed(vault: Vault, topic: str, sealed: bool) -> None:
    value, headers = await vault.seal_record(topic, "alice", b"{}", [("ce_id", b"r1")])
    assert is_sealed(value) is sealed
    assert dict(headers).get(SEALED) == (b"alice.1; A256GCM" if sealed else None)


async def test_a_record_opens_where_it_was_published(vault: Vault) -> None:
    value, headers = await vault.seal_record("t.work.text", "alice", b'{"a": 1}', [("ce_id", b"r1")])
    record = Record("t.work.text", 0, 7, b"r1", value, headers, 0)
    opened = await vault.open_record(record)
    assert (opened.value, opened.at_rest) == (b'{"a": 1}', value)
    for moved in (
        Record("t.requests", 0, 7, b"r1", value, headers, 0),
        Record("t.work.text", 0, 7, b"r1", value, [("ce_id", b"r2")], 0),
        Record("t.work.text", 0, 7, b"r1", value, [], 0),
    ):
        with pytest.raises(SealBroken):
            await vault.open_record(moved)


async def test_a_missing_master_key_is_named(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    keys = build_keys(settings)
    await keys.current("alice")
    (tmp_path / "master-key").unlink()
    with pytest.raises(WrongMasterKey, match="missing"):
        build_keys(settings)
    await keys.close()


@pytest.mark.parametrize("keys", ["redis", "vault"])
def test_a_key_store_without_a_place_is_refused(tmp_path: Path, keys: str) -> None:
    with pytest.raises(InvalidField, match="HEADRACE_PRIVACY__"):
        build_keys(Settings.model_validate({"state": tmp_path, "privacy": {"keys": keys}}))


async def test_a_wrong_master_key_is_told_at_the_start(tmp_path: Path) -> None:
    first = Vault(SqliteKeys(tmp_path / "keys.db", b"m" * 32), NAMES, audit=True)
    await first.check()
    second = Vault(SqliteKeys(tmp_path / "keys.db", b"o" * 32), NAMES, audit=True)
    with pytest.raises(HeadraceError, match="master key"):
        await second.check()
    await first.close()
    await second.close()


async def test_what_came_in_before_an_erasure_is_not_sealed_after_it(vault: Vault) -> None:
    key = await vault.current("acme", "alice")
    sealed = await vault.seal(key, b"content", "r1")
    assert key_of(sealed) == key
    await vault.erase(key.partition(".")[0])
    with pytest.raises(KeyErased):
        await vault.seal(key, b"the answer", "r1")
    assert (await vault.current("acme", "alice")).endswith(".2")
