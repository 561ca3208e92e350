"""What is personal, sealed under the key of whom it is about: erase the key, and nobody reads it again.

A data subject is a tenant's user, or the API key where no user is named. Outside the vault it is known by a pseudonym
(keyed HMAC), by which what is about it can be looked up and purged.
"""

import hmac
import time
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TypeVar

from infra.broker import Record
from infra.topics import Names
from infra.vault.port import KeyStore
from infra.vault.sealing import ALGORITHM, Cipher, key_of
from schemas.cloudevents import Header, header
from schemas.errors import SealBroken

SEALED = "headrace-sealed"
PSEUDONYMS = "pseudonyms"
"""The subject whose key makes pseudonyms; it is never erased."""
NOBODY = "-"
REMEMBERED = 10_000
T = TypeVar("T")


class _Memory(OrderedDict[str, tuple[float, T]]):
    """The last ``REMEMBERED`` of something, each for some seconds."""

    def find(self, name: str) -> T | None:
        until, found = self.get(name, (0.0, None))
        return found if time.monotonic() < until else None

    def keep(self, name: str, value: T, seconds: float) -> T:
        self[name] = (time.monotonic() + seconds, value)
        while len(self) > REMEMBERED:
            self.popitem(last=False)
        return value


class Vault:
    """Seals for subjects and opens. ``topics`` are the kinds whose values are sealed (``work``); ``audit`` and
    ``stores`` say the same of content in the audit, and in Redis and the object store. Keys are remembered for
    ``keep_s`` seconds."""

    def __init__(
        self,
        keys: KeyStore,
        names: Names,
        *,
        topics: frozenset[str] = frozenset(),
        audit: bool = False,
        stores: bool = False,
        keep_s: float = 60.0,
    ) -> None:
        self.keys, self.audit, self.stores = keys, audit, stores
        self.active = bool(topics) or audit or stores
        self._topics, self._prefix = topics, f"{names.prefix}."
        self._keep_s = keep_s
        self._secret: bytes | None = None
        self._pseudonyms: _Memory[str] = _Memory()
        self._current: _Memory[Cipher] = _Memory()
        self._known: _Memory[Cipher] = _Memory()

    async def subject(self, tenant: str | None, who: str | None) -> str:
        """The pseudonym of a subject: 32 hexadecimal digits."""
        name = f"{tenant or NOBODY}/{who or NOBODY}"
        if found := self._pseudonyms.find(name):
            return found
        made = hmac.new(await self._pseudonym_key(), name.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:32]
        return self._pseudonyms.keep(name, made, self._keep_s)

    async def known(self) -> None:
        """Raises ``NotFound`` when these are not the data keys of a platform that has run: pseudonyms made with new
        ones would be nobody's."""
        await self.keys.get(f"{PSEUDONYMS}.1")

    async def mark(self) -> str:
        """16 hexadecimal digits that tell whether two vaults make the same pseudonyms."""
        return hmac.digest(await self._pseudonym_key(), b"headrace vault", sha256).hex()[:16]

    async def _pseudonym_key(self) -> bytes:
        if self._secret is None:
            self._secret = (await self.keys.current(PSEUDONYMS)).secret
        return self._secret

    async def check(self) -> None:
        """Raises ``WrongMasterKey`` and ``Unavailable`` now instead of at the first record."""
        if self.active:
            await self.keys.current(PSEUDONYMS)

    async def current(self, tenant: str | None, who: str | None) -> str:
        """The id of a subject's data key now. What is made of a request is sealed under the key that it came in under,
        or not at all: what is in flight when somebody is erased is not sealed under their next key."""
        return (await self._latest(await self.subject(tenant, who))).id

    async def seal(self, subject: str, content: bytes, record: str) -> bytes:
        """Content sealed under a key of ``current``, or the last one of a subject, to be opened under the same
        ``record`` only. Raises ``KeyErased``."""
        cipher = await (self._by_id(subject) if "." in subject else self._latest(subject))
        return cipher.seal(content, record)

    async def open(self, sealed: bytes, record: str) -> bytes:
        """Raises ``KeyErased``, ``SealBroken``, and what the key store does."""
        return (await self._by_id(key_of(sealed))).open(sealed, record)

    async def _latest(self, subject: str) -> Cipher:
        if found := self._current.find(subject):
            return found
        return self._current.keep(subject, Cipher(await self.keys.current(subject)), self._keep_s)

    async def _by_id(self, key_id: str) -> Cipher:
        if found := self._known.find(key_id):
            return found
        return self._known.keep(key_id, Cipher(await self.keys.get(key_id)), self._keep_s)

    def forget(self, subject: str) -> None:
        """Drop what is remembered of a subject's keys: they were erased."""
        self._current.pop(subject, None)
        for key_id in [each for each in self._known if each.startswith(f"{subject}.")]:
            del self._known[key_id]

    async def erase(self, subject: str) -> None:
        """Destroy the keys of a subject."""
        await self.keys.erase(subject)
        self.forget(subject)

    def seals(self, topic: str) -> bool:
        """Whether values of this topic are sealed; pools' and tenants' own (``work.text``) are as their kind."""
        return topic.removeprefix(self._prefix).partition(".")[0] in self._topics

    async def seal_record(
        self, topic: str, subject: str | None, value: bytes, headers: Sequence[Header]
    ) -> tuple[bytes, list[Header]]:
        """A record's value and headers as they go on the log: the one seam where values are published."""
        if not self.seals(topic):
            return value, list(headers)
        about = subject or await self.subject(None, None)
        sealed = await self.seal(about, value, _place(topic, headers))
        return sealed, [*headers, (SEALED, f"{key_of(sealed)}; {ALGORITHM}".encode())]

    async def open_record(self, record: Record) -> Record:
        """A sealed record with its value in plain; ``at_rest`` is the value as it stands on the log.

        Raises:
            KeyErased, SealBroken: it cannot be read any more, or was tampered with.
        """
        sealed = record.value or b""
        plain = await self.open(sealed, _place(record.topic, record.headers))
        return replace(record, value=plain, at_rest=sealed)

    async def seal_text(self, subject: str, text: str, record: str) -> str:
        """As ``seal``, in base64."""
        return b64encode(await self.seal(subject, text.encode("utf-8", "surrogatepass"), record)).decode()

    async def open_text(self, sealed: str, record: str) -> str:
        try:
            data = b64decode(sealed, validate=True)
        except (Base64Error, ValueError) as error:
            raise SealBroken(f"what is sealed for {record} is no base64") from error
        return (await self.open(data, record)).decode("utf-8", "surrogatepass")

    async def close(self) -> None:
        await self.keys.close()


def _place(topic: str, headers: Sequence[Header]) -> str:
    """What a sealed value is bound to: its topic and its event's id."""
    return f"{topic}\0{header(headers, 'ce_id') or ''}"
