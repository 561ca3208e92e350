"""What names stand for: for one request, under one key, and gone with it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from infra.settings import KafkaSettings
from infra.topics import Names
from infra.vault.sqlite import SqliteKeys
from infra.vault.vault import Vault
from schemas.errors import SealBroken
from streams.redaction.placeholders import Known
from streams.redaction.sealed import NOTHING, opened, sealed
from tests.streams.making import pins

KNOWN = Known({"PHONE_1": "13800138000", "ADDRESS_1": "人民路 1 号"}, json=True)


@pytest.fixture
async def vault(tmp_path: Path) -> AsyncIterator[Vault]:
    made = Vault(SqliteKeys(tmp_path / "keys.db", b"m" * 32), Names(KafkaSettings(prefix="t")))
    yield made
    await made.close()


async def test_comes_back_for_its_request_only(vault: Vault) -> None:
    key = await vault.current("acme", "ann")
    pinned = pins(placeholders=await sealed(vault, key, KNOWN, "acme", "r1"))
    assert "13800138000" not in pinned.model_dump_json()
    assert await opened(vault, pinned, "acme", "r1") == KNOWN
    for tenant, request in (("other", "r1"), ("acme", "r2"), (None, "r1")):
        with pytest.raises(SealBroken):
            await opened(vault, pinned, tenant, request)


async def test_a_redelivery_pins_the_same_bytes(vault: Vault) -> None:
    key = await vault.current("acme", "ann")
    assert len({await sealed(vault, key, KNOWN, "acme", "r1") for _ in range(3)}) == 1


async def test_an_erasure_takes_it(vault: Vault) -> None:
    key = await vault.current("acme", "ann")
    pinned = pins(placeholders=await sealed(vault, key, KNOWN, "acme", "r1"))
    await vault.erase(await vault.subject("acme", "ann"))
    assert await opened(vault, pinned, "acme", "r1") == NOTHING


async def test_most_work_hides_nothing(vault: Vault) -> None:
    assert await opened(vault, pins(), "acme", "r1") == NOTHING
    assert await opened(None, pins(placeholders="x"), "acme", "r1") == NOTHING
