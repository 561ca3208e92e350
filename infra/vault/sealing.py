"""Sealed bytes: AES-256-GCM under a data key, bound to the record that they belong to.

    00 "S1" | length of the key id | key id | nonce (12) | ciphertext and tag

The first byte tells them from JSON, and from a zlib stream. The nonce is made of content and record (HMAC-SHA256 under
a key of its own), so the same content sealed again for the same record is the same bytes: what is redelivered is
published as it was. NIST SP 800-38D bounds such nonces like random ones, at 2^32 records a key.
"""

import hmac
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.vault.port import DataKey
from schemas.errors import SealBroken

MARK = b"\0S1"
ALGORITHM = "A256GCM"
NONCE_BYTES = 12


class Cipher:
    """Seals and opens under one data key."""

    __slots__ = ("_aead", "_nonces", "_prefix", "id")

    def __init__(self, key: DataKey) -> None:
        self.id = key.id
        self._aead = AESGCM(hmac.digest(key.secret, b"headrace content", sha256))
        self._nonces = hmac.digest(key.secret, b"headrace nonce", sha256)
        name = key.id.encode()
        self._prefix = MARK + bytes([len(name)]) + name

    def seal(self, content: bytes, record: str) -> bytes:
        bound = self._bound(record)
        nonce = hmac.digest(self._nonces, bound + content, sha256)[:NONCE_BYTES]
        return self._prefix + nonce + self._aead.encrypt(nonce, content, bound)

    def open(self, sealed: bytes, record: str) -> bytes:
        """Raises ``SealBroken``."""
        start = len(self._prefix)
        if not sealed.startswith(self._prefix):
            raise SealBroken(f"what is sealed for {record} names another key")
        nonce = sealed[start : start + NONCE_BYTES]
        try:
            return self._aead.decrypt(nonce, sealed[start + NONCE_BYTES :], self._bound(record))
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"what is sealed for {record} was changed, or belongs to another record") from error

    def _bound(self, record: str) -> bytes:
        name = record.encode()
        return self._prefix + len(name).to_bytes(4, "big") + name


def is_sealed(value: bytes | None) -> bool:
    return value is not None and value[:1] == b"\0" and value.startswith(MARK)


def key_of(sealed: bytes) -> str:
    """The id of the key that it was sealed under.

    Raises:
        SealBroken: it says none.
    """
    start = len(MARK) + 1
    name = sealed[start : start + sealed[len(MARK)]] if len(sealed) > start else b""
    if not name.isascii() or not name:
        raise SealBroken("these sealed bytes name no key: they were cut off or changed")
    return name.decode()
