"""Records that prove who published them, in a way that any language can produce.

The signing key is ``HKDF-SHA256(ikm=secret, salt=b"", info=b"headrace record signature", length=32)`` (RFC 5869),
with the ASCII characters after the second hyphen of the API key ``hr-<id>-<secret>`` as ``secret``; it never travels.
The signature is ``HMAC-SHA256(signing key, b"v1\\n" + ce_id + b"\\n" + value)`` (RFC 2104) in lower-case hexadecimal,
with ``ce_id`` the bytes of the record's last ``ce_id`` header (none: no bytes) and ``value`` the record's value.
Two headers carry it: ``headrace-key-id`` with the key's id, ``headrace-signature`` with the signature.

What a signed body must say so that replays are caught (``id`` and ``time``) is checked at admission.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schemas.cloudevents import Header, header
from schemas.errors import BadSignature, Unauthenticated
from schemas.registry import Key

SIGNATURE = "headrace-signature"
KEY_ID = "headrace-key-id"
INFO = b"headrace record signature"


class SigningKeys(Protocol):
    """Where the keys are looked up: ``infra.keys.KeyRing``."""

    def get(self, key_id: str) -> Key | None: ...

    def signing_key(self, key_id: str) -> bytes:
        """Raises ``Unauthenticated`` for an unknown key and ``KeyRevoked`` for a revoked one."""
        ...


def signing_key_of(presented: str) -> bytes:
    """The 32 bytes that the holder of an API key signs records with.

    Raises:
        Unauthenticated: that is no API key.
    """
    mark, _, rest = presented.partition("-")
    _, _, secret = rest.partition("-")
    if mark != "hr" or not secret or not secret.isascii():
        raise Unauthenticated("an API key has the form hr-<id>-<secret>")
    return HKDF(SHA256(), 32, salt=None, info=INFO).derive(secret.encode())


def sign(value: bytes, headers: Sequence[Header], key_id: str, signing_key: bytes) -> list[Header]:
    """The headers with the two that prove who signed ``value``; earlier ones of that name are dropped."""
    kept = [item for item in headers if item[0] not in (SIGNATURE, KEY_ID)]
    return [*kept, (KEY_ID, key_id.encode()), (SIGNATURE, _signature(value, kept, signing_key).encode())]


def verify(value: bytes, headers: Sequence[Header], ring: SigningKeys) -> Key | None:
    """The key that signed a record; ``None`` when it is not signed.

    Raises:
        BadSignature: the signature is incomplete or does not fit value and ``ce_id``.
        Unauthenticated, KeyRevoked: no valid key has that id.
    """
    if not any(name in (SIGNATURE, KEY_ID) for name, _ in headers):
        return None
    key_id, signature = header(headers, KEY_ID), header(headers, SIGNATURE)
    if not key_id or not signature:
        raise BadSignature(f"a signed record needs both headers, {KEY_ID} and {SIGNATURE}")
    expected = _signature(value, headers, ring.signing_key(key_id))
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise BadSignature(f"the signature does not fit the record's value and ce_id with key {key_id}: sign them anew")
    return ring.get(key_id)


def _signature(value: bytes, headers: Sequence[Header], signing_key: bytes) -> str:
    ce_id = next((content for name, content in reversed(headers) if name == "ce_id"), b"")
    if b"\n" in ce_id:
        raise BadSignature("the ce_id header of a signed record must be one line")
    return hmac.new(signing_key, b"v1\n" + ce_id + b"\n" + value, sha256).hexdigest()
