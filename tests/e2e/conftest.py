"""The whole platform as its users meet it: real processes, real models, the official clients."""

import asyncio
from collections.abc import Iterator

import pytest
from openai import OpenAI

from infra.settings import Settings
from streams.cli.seed import seed
from tests.cluster import Cluster
from tests.drawing import drawn
from workers.models.manifest import SHIPPED

CHILDREN = ("gateway-0", "control-0", "text,embed-0", "vision-0")


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster.at(tmp_path_factory.mktemp("platform"), SHIPPED)
    try:
        cluster.kafka.start()
        cluster.valkey.start()
        asyncio.run(seed(cluster.settings))
        for name in CHILDREN:
            cluster.start(name)
        cluster.await_ready(300)
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="package")
def live(platform: Cluster) -> Settings:
    return platform.settings


@pytest.fixture
def key(live: Settings) -> str:
    return (live.state / "api-key").read_text().strip()


@pytest.fixture
def client(live: Settings, key: str) -> Iterator[OpenAI]:
    url = f"http://{live.gateway.host}:{live.gateway.port}/v1"
    with OpenAI(base_url=url, api_key=key, max_retries=0, timeout=120) as client:
        yield client


@pytest.fixture(scope="package")
def invoice() -> bytes:
    """A drawn bilingual invoice as PNG."""
    rows = ("增值税发票 INVOICE", "发票号码: 20261123", "购买方: 北风公司", "税额: 130.00", "总金额: ¥1,130.00")
    return drawn(rows)
