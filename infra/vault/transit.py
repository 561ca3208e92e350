"""Data keys in HashiCorp Vault, by the HTTP API of its transit engine.

Each subject has a transit key, which never leaves Vault. A generation of the data key is what Vault computes with a
version of that key (HMAC-SHA256 of a constant); erasing it trims the version away. Vault's policy for the token:
``create``, ``read`` and ``update`` on ``<mount>/keys/*`` and ``<mount>/hmac/*``.
Source: developer.hashicorp.com/vault/api-docs/secret/transit.
"""

from base64 import b64decode, b64encode
from typing import Any

import aiohttp

from infra.vault.port import DataKey, key_id, parts
from schemas.errors import Forbidden, KeyErased, NotFound, Unavailable

TIMEOUT_S = 5.0
INPUT = b64encode(b"headrace data key").decode()


class TransitKeys:
    """A ``KeyStore``. ``url`` is Vault's own, as ``https://vault.example.com:8200``."""

    def __init__(self, url: str, token: str, mount: str = "transit") -> None:
        self._base = f"{url.rstrip('/')}/v1/{mount.strip('/')}"
        self._headers = {"X-Vault-Token": token, "X-Vault-Request": "true"}
        self._session: aiohttp.ClientSession | None = None

    async def current(self, subject: str) -> DataKey:
        known = await self._known(subject)
        if known is None:
            await self._call("POST", f"keys/{_name(subject)}", {"type": "aes256-gcm96"})
            known = await self._known(subject)
        if known is None:
            raise Unavailable("Vault made no transit key: check the policy of its token")
        return await self._key(subject, int(known["latest_version"]))

    async def get(self, key_id: str) -> DataKey:
        subject, version = parts(key_id)
        known = await self._known(subject)
        if known is None or not 0 < version <= int(known["latest_version"]):
            raise NotFound(f"there is no data key {key_id} in Vault: was another key store used?")
        if version < int(known["min_decryption_version"]):
            raise KeyErased(f"the data key {key_id} was erased, so what it sealed cannot be read any more")
        return await self._key(subject, version)

    async def erase(self, subject: str) -> None:
        known = await self._known(subject)
        if known is None:
            return
        name, after = f"keys/{_name(subject)}", int(known["latest_version"]) + 1
        await self._call("POST", f"{name}/rotate", {})
        await self._call("POST", f"{name}/config", {"min_decryption_version": after, "min_encryption_version": after})
        await self._call("POST", f"{name}/trim", {"min_available_version": after})

    async def rewrap(self, old_master_key: bytes) -> int:
        """Vault wraps by its own: nothing here is under the master key."""
        return 0

    async def close(self) -> None:
        if self._session:
            await self._session.close()
            self._session = None

    async def _known(self, subject: str) -> dict[str, Any] | None:
        answer = await self._call("GET", f"keys/{_name(subject)}")
        return answer["data"] if answer else None

    async def _key(self, subject: str, version: int) -> DataKey:
        asked = {"input": INPUT, "key_version": version}
        answer = await self._call("POST", f"hmac/{_name(subject)}/sha2-256", asked)
        if answer is None:
            raise NotFound(f"the transit key of {subject} is gone from Vault")
        return DataKey(key_id(subject, version), b64decode(str(answer["data"]["hmac"]).rpartition(":")[2]))

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any] | None:
        """Vault's answer; empty when it has nothing to say, ``None`` when there is no such thing."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout)
        try:
            async with self._session.request(method, f"{self._base}/{path}", json=body) as answer:
                if answer.status == 404:
                    return None
                if answer.status == 403:
                    raise Forbidden(f"Vault does not let this token {method} {path}: check its policy")
                answer.raise_for_status()
                found: dict[str, Any] = await answer.json() if answer.status == 200 else {}
                return found
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            raise Unavailable(f"Vault did not answer {method} {path}: {type(error).__name__} {error}") from error


def _name(subject: str) -> str:
    return f"headrace-{subject}"
