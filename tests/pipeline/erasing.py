"""A platform with a gateway, people who use it, and a search for what is left of them on every disk."""

import asyncio
import os
from base64 import b64decode
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from aiokafka.admin import AIOKafkaAdminClient
from click.testing import CliRunner, Result
from redis import Redis

from infra.keys import IssuedKey
from infra.metrics import Metrics
from infra.reader import read_all
from infra.settings import Settings
from streams.cli import main
from streams.gateway.server import running
from tests.pipeline.deployment import Platform, page


@dataclass(frozen=True)
class Person:
    """What somebody sends, each with a word that is nowhere else."""

    name: str
    key: IssuedKey

    @property
    def marks(self) -> list[str]:
        return [self.name, *(f"{kind}-{self.name}" for kind in ("问", "file", "read", "correction", "picture"))]

    @property
    def subjects(self) -> list[str]:
        """Whom it is about: files name no user, so they are the key's."""
        return [f"acme/{self.name}", f"acme/{self.key.id}"]


class Client:
    """Speaks to the gateway for one person."""

    def __init__(self, settings: Settings, person: Person) -> None:
        self._url = f"{settings.gateway.url}/v1"
        self._headers = {"Authorization": f"Bearer {person.key.secret}"}
        self.person = person

    async def chat(self, request_id: str, **fields: Any) -> str:
        """A question, which the echo answers by itself."""
        content = f"问-{self.person.name} what do you know of me?"
        body = {"messages": [{"role": "user", "content": content}], "user": self.person.name, **fields}
        async with (
            self._session() as http,
            http.post("chat/completions", json=body, headers={"X-Request-Id": request_id}) as said,
        ):
            text = await said.text()
            assert said.status == 200, text
            return text

    async def look(self, request_id: str) -> str:
        """A question about a picture that is sent with it."""
        picture = page(f"picture-{self.person.name} 北风")
        parts = [
            {"type": "text", "text": "what is written here?"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{picture}"}},
        ]
        return await self.chat(request_id, messages=[{"role": "user", "content": parts}])

    async def upload(self, request_id: str) -> str:
        form = aiohttp.FormData({"purpose": "vision"})
        data = b64decode(page(f"read-{self.person.name} 发票"))
        form.add_field("file", data, filename=f"file-{self.person.name}.png", content_type="image/png")
        async with self._session() as http, http.post("files", data=form, headers={"X-Request-Id": request_id}) as said:
            body = await said.json()
            assert said.status == 200, body
            return str(body["id"])

    async def correct(self, about: str) -> None:
        body = {"request_id": about, "correction": f"correction-{self.person.name}", "user": self.person.name}
        async with self._session() as http, http.post("feedback", json=body) as said:
            assert said.status == 201, await said.text()

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(f"{self._url}/", headers=self._headers)


@asynccontextmanager
async def gateway(platform: Platform) -> AsyncIterator[None]:
    """A gateway beside the platform, with a key of its own."""
    key = await platform.issue("acme", "gateway")
    await asyncio.to_thread((platform.settings.state / "gateway-key").write_text, key.secret)
    async with running(platform.settings, Metrics()):
        yield


async def command(settings: Settings, folder: Path, *words: str) -> Result:
    """``headrace …`` under these settings, in a thread of its own."""
    content = settings.model_dump(mode="json", exclude_defaults=True)
    content["redis"]["url"] = settings.redis.address
    file = folder / "headrace.yaml"
    await asyncio.to_thread(file.write_text, yaml.safe_dump(content))
    runner = CliRunner(env={"HEADRACE_CONFIG": str(file)})
    return await asyncio.to_thread(runner.invoke, main, list(words))


def on_disk(folders: Sequence[Path], marks: Sequence[str]) -> list[str]:
    """Where any of the marks is found: as ``file: mark``."""
    wanted = [(mark, form) for mark in marks for form in forms(mark)]
    return [
        f"{path.name}: {mark}"
        for folder in folders
        for path in files(folder)
        for data in [content(path)]
        for mark, form in wanted
        if form in data
    ]


def forms(mark: str) -> Iterator[bytes]:
    """A mark as it may stand in a file: UTF-8, JSON that escapes, UTF-16, and hexadecimal."""
    yield mark.encode()
    yield mark.encode("unicode_escape")
    yield mark.encode("utf-16-le")
    yield mark.encode().hex().encode()


def content(path: Path) -> bytes:
    """Of a file that is gone by now there is none: a broker deletes segments of topics of others meanwhile."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def files(folder: Path) -> Iterator[Path]:
    """By ``os.walk``, which passes over folders that go away meanwhile."""
    return (Path(above) / name for above, _, names in os.walk(folder) for name in names)


def in_redis(settings: Settings, marks: Sequence[str]) -> list[str]:
    """Keys and dumped values of Redis that have a mark; uncompressed, for a compressed one may hide it."""
    with Redis.from_url(settings.redis.address) as redis:
        redis.config_set("rdbcompression", "no")
        held = [(key, redis.dump(key) or b"") for key in redis.keys("*")]
    return [repr(key) for key, value in held for mark in marks if mark.encode() in key + value]


async def exported(platform: Platform, *, opened: bool) -> bytes:
    """All records of all topics of the platform, as an export would have them; ``opened`` by who has the keys."""
    kafka = platform.settings.kafka
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.servers)
    await admin.start()
    topics = [topic for topic in await admin.list_topics() if topic.startswith(f"{kafka.prefix}.")]
    await admin.close()
    vault = platform.parts.vault if opened else None
    records = [record async for record in read_all(kafka, topics, vault=vault)]
    return b"\n".join(part for each in records for part in (each.key, each.value, *dict(each.headers).values()) if part)
