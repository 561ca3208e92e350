"""HashiCorp Vault's transit engine as its HTTP API shows it: what ``infra.vault.transit`` asks of it."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

TOKEN = "hvs.test"


@dataclass
class TransitKey:
    """Versions of a key; those below ``available`` are gone for good."""

    versions: dict[int, bytes] = field(default_factory=lambda: {1: token_bytes(32)})
    min_decryption_version: int = 1
    min_encryption_version: int = 0
    available: int = 0

    @property
    def latest(self) -> int:
        return max(self.versions)

    def shown(self) -> dict[str, Any]:
        return {
            "latest_version": self.latest,
            "min_decryption_version": self.min_decryption_version,
            "min_encryption_version": self.min_encryption_version,
            "min_available_version": self.available,
        }


class Transit:
    """Keys by name. ``sealed`` is Vault's own word for being there and not answering."""

    def __init__(self) -> None:
        self.keys: dict[str, TransitKey] = {}
        self.sealed = False

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._door])
        app.add_routes(
            [
                web.post("/v1/transit/keys/{name}", self.make),
                web.get("/v1/transit/keys/{name}", self.read),
                web.post("/v1/transit/keys/{name}/rotate", self.rotate),
                web.post("/v1/transit/keys/{name}/config", self.config),
                web.post("/v1/transit/keys/{name}/trim", self.trim),
                web.post("/v1/transit/hmac/{name}/{algorithm}", self.hmac),
            ]
        )
        return app

    @web.middleware
    async def _door(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.sealed:
            return web.json_response({"errors": ["Vault is sealed"]}, status=503)
        if request.headers.get("X-Vault-Token") != TOKEN:
            return web.json_response({"errors": ["permission denied"]}, status=403)
        making = request.method == "POST" and request.path.endswith(f"/keys/{request.match_info['name']}")
        if not making and request.match_info["name"] not in self.keys:
            return web.json_response({"errors": []}, status=404)
        answer: web.StreamResponse = await handler(request)
        return answer

    def _key(self, request: web.Request) -> TransitKey:
        return self.keys[request.match_info["name"]]

    async def make(self, request: web.Request) -> web.Response:
        assert (await request.json())["type"] == "aes256-gcm96"
        self.keys.setdefault(request.match_info["name"], TransitKey())
        return await self.read(request)

    async def read(self, request: web.Request) -> web.Response:
        return web.json_response({"data": {"name": request.match_info["name"], **self._key(request).shown()}})

    async def rotate(self, request: web.Request) -> web.Response:
        key = self._key(request)
        key.versions[key.latest + 1] = token_bytes(32)
        return web.Response(status=204)

    async def config(self, request: web.Request) -> web.Response:
        key, body = self._key(request), await request.json()
        key.min_decryption_version = body["min_decryption_version"]
        key.min_encryption_version = body["min_encryption_version"]
        return web.json_response({"data": key.shown()})

    async def trim(self, request: web.Request) -> web.Response:
        key, least = self._key(request), (await request.json())["min_available_version"]
        if least > key.min_decryption_version or least > key.min_encryption_version:
            return web.json_response({"errors": ["cannot trim versions that may be used"]}, status=400)
        key.available = least
        key.versions = {number: data for number, data in key.versions.items() if number >= least}
        return web.Response(status=204)

    async def hmac(self, request: web.Request) -> web.Response:
        key, body = self._key(request), await request.json()
        version = body.get("key_version") or key.latest
        if version < key.min_decryption_version or version not in key.versions:
            return web.json_response({"errors": ["version is too old (disallowed by policy)"]}, status=400)
        made = hmac.digest(key.versions[version], b64decode(body["input"]), sha256)
        return web.json_response({"data": {"hmac": f"vault:v{version}:{b64encode(made).decode()}"}})


@asynccontextmanager
async def serving(transit: Transit) -> AsyncIterator[str]:
    """The engine on a port of its own; yields Vault's URL."""
    server = TestServer(transit.app())
    await server.start_server()
    try:
        yield str(server.make_url("/"))
    finally:
        await server.close()
