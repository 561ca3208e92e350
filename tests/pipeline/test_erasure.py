"""Somebody is erased: nothing of them can be read anywhere, everybody else is as before, and the audit still proves."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
import pytest
import pytest_asyncio

from infra.kafka import EmbeddedKafka
from infra.reader import read_all
from infra.valkey import EmbeddedValkey
from schemas.audit import Audit
from schemas.errors import KeyErased
from streams.audit.verifier.proofs import Frontier, leaf_hash
from tests.conftest import Ground
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform
from tests.pipeline.erasing import Client, Person, command, exported, gateway, in_redis, on_disk
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
SEALED = {"privacy": {"seal_topics": True, "seal_stores": True}, "audit": {"content": "sealed"}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start(**SEALED) as running, gateway(running):
        yield running


async def live_through(platform: Platform, name: str) -> Person:
    """Somebody asks, streams, asks again from the cache, shows a picture, uploads a file and corrects an answer."""
    person = Person(name, await platform.issue("acme"))
    client = Client(platform.settings, person)
    assert f"问-{name}" in await client.chat(f"{name[:4]}-asked")
    await client.chat(f"{name[:4]}-again")
    await client.chat(f"{name[:4]}-streamed", stream=True, cache=False)
    await client.look(f"{name[:4]}-looked")
    await client.upload(f"{name[:4]}-upload")
    await client.correct(f"{name[:4]}-asked")
    await until(
        lambda: len([each for each in platform.records["examples"] if each.key == f"{name[:4]}-asked".encode()]) > 0
    )
    return person


async def content(platform: Platform, request_id: str) -> list[str]:
    """What the audit kept of a request, opened."""
    vault = platform.parts.vault
    return [await vault.open_text(each.sealed, each.id) for each in platform.audit(request_id) if each.sealed]


async def root(platform: Platform, partition: int, size: int | None = None) -> tuple[int, bytes]:
    """Size and root of the tree over one partition of the audit."""
    tree, topic = Frontier(), platform.parts.names("audit")
    async for record in read_all(platform.settings.kafka, [topic], partition=partition):
        if size is None or tree.size < size:
            tree.append(leaf_hash(record.value or b""))
    return tree.size, tree.root()


async def test_an_erased_person_is_nowhere(
    platform: Platform, kafka: EmbeddedKafka, valkey: EmbeddedValkey, ground: Ground, tmp_path: Path
) -> None:
    alice = await live_through(platform, "Alice7f3c爱丽丝")
    bob = await live_through(platform, "Bob91d2鲍勃")
    await until(lambda: bool(platform.audit("Alic-streamed")) and bool(platform.audit("Bob9-streamed")))
    assert any("问-Alice7f3c" in text for text in await content(platform, "Alic-asked"))
    before = [await root(platform, partition) for partition in range(2)]
    assert f"问-{alice.name}".encode() in await exported(platform, opened=True)

    for subject in alice.subjects:
        result = await command(
            platform.settings, tmp_path, "audit", "erase", subject, "--reason", "asked for", "--yes", "--json"
        )
        assert result.exit_code == 0, result.output
        assert set(orjson.loads(result.output)["confirmed"]) == {"keys", "answers", "files", "examples", "topics"}

    folders = [ground.directory, platform.settings.state]
    assert await asyncio.to_thread(on_disk, folders, alice.marks) == []
    assert in_redis(platform.settings, alice.marks) == []
    for opened in (True, False):
        left = await exported(platform, opened=opened)
        assert [mark for mark in alice.marks if mark.encode() in left] == []
    with pytest.raises(KeyErased):
        await content(platform, "Alic-asked")

    assert any("问-Bob91d2" in text for text in await content(platform, "Bob9-asked"))
    assert f"问-{bob.name}".encode() in await exported(platform, opened=True)
    assert [await root(platform, partition, size) for partition, (size, _) in enumerate(before)] == before
    steps = [each for each in platform.records["audit"] if b'"action":"erasure"' in (each.value or b"")]
    assert {Audit.model_validate_json(each.value or b"").status for each in steps} == {"requested", "purged"}


async def test_erasing_again_is_no_error_and_the_person_may_come_back(platform: Platform, tmp_path: Path) -> None:
    carol = Person("Carol55", await platform.issue("acme"))
    client = Client(platform.settings, carol)
    for number in range(2):
        assert "问-Carol55" in await client.chat(f"carol-{number}")
        words = ("audit", "erase", "acme/Carol55", "--reason", "asked for", "--yes")
        result = await command(platform.settings, tmp_path, *words)
        assert (result.exit_code, "every component has confirmed" in result.output) == (0, True), result.output
    again = await command(platform.settings, tmp_path, *words)
    assert again.exit_code == 0, again.output


async def test_a_hold_stands_in_the_way_until_it_is_released(platform: Platform, tmp_path: Path) -> None:
    dave = Person("Dave66", await platform.issue("acme"))
    await Client(platform.settings, dave).chat("dave-1")
    held = await command(platform.settings, tmp_path, "audit", "hold", "acme/Dave66", "--reason", "case 7")
    assert held.exit_code == 0, held.output
    words = ("audit", "erase", "acme/Dave66", "--reason", "asked for", "--yes")
    refused = await command(platform.settings, tmp_path, *words)
    assert (refused.exit_code, "legal hold stands: case 7" in refused.output) == (1, True), refused.output
    assert any("Dave66" in text for text in await content(platform, "dave-1"))
    await command(platform.settings, tmp_path, "audit", "hold", "acme/Dave66", "--reason", "over", "--release")
    done = await command(platform.settings, tmp_path, *words)
    assert done.exit_code == 0, done.output


async def test_without_a_yes_nothing_is_erased(platform: Platform, tmp_path: Path) -> None:
    result = await command(platform.settings, tmp_path, "audit", "erase", "acme/Nobody", "--reason", "asked for")
    assert result.exit_code == 1
    assert "cannot be undone" in result.output
