"""Other gateways as contenders, before the upstream that costs nothing."""

import json
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

from benchmarks.clients.http import HttpClient
from benchmarks.ground import Ground, Running
from benchmarks.peers.install import PEERS
from benchmarks.processes import Processes
from infra.server import free_port

MODELS = ("echo", "pause")


@dataclass(frozen=True)
class Place:
    """Where a gateway listens, where its upstream and a Redis are, a folder for its files, and the key to ask with."""

    port: int
    upstream: int
    redis: int
    folder: Path
    key: str

    @property
    def upstream_url(self) -> str:
        return f"http://127.0.0.1:{self.upstream}/v1"


Command = Callable[[Place], tuple[list[str], dict[str, str]]]
"""What to run, and its environment."""


@dataclass(frozen=True)
class Gateway:
    """``command`` runs it; without one the client asks the upstream itself."""

    name: str
    ground: Ground
    command: Command | None
    headers: Callable[[Place], Mapping[str, str]] = lambda place: {"Authorization": f"Bearer {place.key}"}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Running]:
        key = f"sk-{token_hex(32)}"
        place = Place(free_port(), free_port(), self.ground.valkey.port, self.ground.directory, key)
        with self.ground.turn():
            self.ground.module("upstream", "benchmarks.peers.upstream", str(place.upstream))
            port = place.upstream
            if self.command:
                command, environment = self.command(place)
                self.ground.run("gateway", command, environment)
                port = place.port
            async with HttpClient(f"http://127.0.0.1:{port}/v1", self.headers(place)) as client:
                await self.ground.await_answer(client.ask, "echo")
                yield Running(client.ask, Processes(self.ground.roots))


def litellm(place: Place, *, cache: bool = False, workers: int = 2) -> tuple[list[str], dict[str, str]]:
    """One worker for each core, as its documentation advises; no database, no telemetry."""
    models = [
        {
            "model_name": model,
            "litellm_params": {"model": f"openai/{model}", "api_base": place.upstream_url, "api_key": "none"},
        }
        for model in MODELS
    ]
    settings: dict[str, object] = {"telemetry": False, "num_retries": 0}
    if cache:
        redis = {"type": "redis", "host": "127.0.0.1", "port": place.redis, "namespace": "litellm"}
        settings |= {"cache": True, "cache_params": redis}
    file = place.folder / "litellm.yaml"
    file.write_text(json.dumps({"model_list": models, "litellm_settings": settings}))  # JSON is YAML
    command = [str(PEERS["litellm"].path), "--config", str(file), "--host", "127.0.0.1", "--port", str(place.port)]
    environment = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_LOG": "ERROR",
        "LITELLM_MASTER_KEY": place.key,
        "LITELLM_MODE": "PRODUCTION",
        "NO_DOCS": "True",
    }
    patience = ["--timeout_worker_healthcheck", "120"]  # it imports for longer than uvicorn waits
    return [*command, "--num_workers", str(workers), *patience, "--telemetry", "False"], environment


def portkey(place: Place) -> tuple[list[str], dict[str, str]]:
    node = shutil.which("node") or "node"
    return [node, str(PEERS["portkey"].path), f"--port={place.port}", "--headless"], {"NODE_ENV": "production"}


def portkey_headers(place: Place) -> Mapping[str, str]:
    return {
        "Authorization": "Bearer none",
        "x-portkey-provider": "openai",
        "x-portkey-custom-host": place.upstream_url,
    }


def bifrost(place: Place) -> tuple[list[str], dict[str, str]]:
    """Its configuration is a file in its folder."""
    folder = place.folder / "bifrost"
    folder.mkdir(exist_ok=True)
    key = {"value": "none", "models": list(MODELS), "weight": 1.0}
    network = {"base_url": place.upstream_url.removesuffix("/v1")}
    config = {"providers": {"openai": {"keys": [key], "network_config": network}}}
    (folder / "config.json").write_text(json.dumps(config))
    where = ["-host", "127.0.0.1", "-port", str(place.port), "-app-dir", str(folder)]
    return [str(PEERS["bifrost"].path), *where], {}
