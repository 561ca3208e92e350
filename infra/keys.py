"""API keys: made once, kept as a hash, known to every process.

A key reads ``hr-<id>-<secret>``: a public id and 256 random bits. The platform keeps SHA-256 of the secret (enough,
since it cannot be guessed) and, sealed with the master key, the key derived from it that records are signed with.
"""

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.settings import Settings
from infra.signing import signing_key_of
from schemas.errors import InvalidField, KeyRevoked, Unauthenticated, WrongMasterKey
from schemas.registry import Key

Scope = Literal["requests", "files", "feedback", "admin", "gateway", "auditor", "auditor-all"]
NONCE_BYTES = 12
MAX_CHARS = 256
DATA_KEYS = "data-keys.db"
"""The file in the state folder that SQLite keeps data keys in."""


@dataclass(frozen=True)
class IssuedKey:
    """A new key. ``secret`` is the whole text ``hr-<id>-<secret>``, shown once and never kept by the platform."""

    id: str
    secret: str = field(repr=False)
    record: Key


def issue(
    tenant: str,
    scopes: Sequence[Scope],
    master_key: bytes,
    *,
    requests_per_minute: int | None = None,
    tokens_per_day: int | None = None,
    note: str = "",
) -> IssuedKey:
    """A new key of a tenant; it counts once its record is on the ``keys`` topic."""
    key_id, secret = token_hex(6), token_hex(32)
    text = f"hr-{key_id}-{secret}"
    record = Key(
        id=key_id,
        tenant=tenant,
        hash=_hash(secret),
        sealed=_seal(signing_key_of(text), master_key, key_id),
        scopes=tuple(scopes),
        requests_per_minute=requests_per_minute,
        tokens_per_day=tokens_per_day,
        note=note,
    )
    return IssuedKey(key_id, text, record)


class KeyRing:
    """All keys, live: ``apply`` takes each record of the ``keys`` topic. Revoked keys stay known, to be told so."""

    def __init__(self, master_key: bytes) -> None:
        self._cipher = AESGCM(master_key)
        self._keys: dict[str, Key] = {}

    def apply(self, record: Key) -> None:
        """The last record of a key is right."""
        self._keys[record.id] = record

    def get(self, key_id: str) -> Key | None:
        """The key of that id, revoked or not."""
        return self._keys.get(key_id)

    def authenticate(self, presented: str) -> Key:
        """The key of a presented text, compared in constant time.

        Raises:
            Unauthenticated: there is no such key, or its secret is another.
            KeyRevoked: it is right but no longer valid.
        """
        key_id, secret = _split(presented)
        key = self._keys.get(key_id)
        same = hmac.compare_digest(_hash(secret), key.hash if key else "0" * 64)
        if key is None or not same:
            raise Unauthenticated("this API key is unknown: check it, or issue one with 'headrace keys'")
        return _valid(key)

    def signing_key(self, key_id: str) -> bytes:
        """The key that records of ``key_id`` are signed with.

        Raises:
            Unauthenticated: the key is unknown, or was sealed with another master key.
            KeyRevoked: it is no longer valid.
        """
        key = self._keys.get(key_id)
        if key is None:
            raise Unauthenticated("the key id of this record is unknown: check it, or issue a key with 'headrace keys'")
        valid = _valid(key)
        try:
            sealed = b64decode(valid.sealed, validate=True)
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], key_id.encode())
        except (InvalidTag, ValueError) as error:
            raise Unauthenticated(f"key {key_id} was issued under another master key: issue a new one") from error


def master_key(settings: Settings) -> bytes:
    """The 32 bytes that seal signing keys: the setting's, else those in ``<state>/master-key``, made when missing.

    Raises:
        InvalidField: they are not 64 hexadecimal digits.
        WrongMasterKey: the file is missing, and data keys are wrapped by what was in it.
    """
    if settings.master_key:
        return from_hex(settings.master_key.get_secret_value(), "HEADRACE_MASTER_KEY")
    path = settings.state / "master-key"
    if not path.exists() and (settings.state / DATA_KEYS).exists():
        raise WrongMasterKey(
            f"the master key is missing: put {path} back, or set HEADRACE_MASTER_KEY; "
            f"the data keys in {settings.state / DATA_KEYS} cannot be read without it"
        )
    return from_hex(kept_hex(path), str(path))


def kept_hex(path: Path) -> str:
    """What stands in a file for its owner only; 32 random bytes in hexadecimal when it was not there."""
    if not path.exists():
        _create(path, token_hex(32))
    return path.read_text()


def _create(path: Path, text: str) -> None:
    """Write a file, whole and for its owner only, unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def from_hex(text: str, where: str) -> bytes:
    """32 bytes as 64 hexadecimal digits; raises ``InvalidField``."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise InvalidField(f"{where} must hold 32 bytes as 64 hexadecimal digits", param="master_key")
    return key


def _split(presented: str) -> tuple[str, str]:
    mark, _, rest = presented.partition("-")
    key_id, _, secret = rest.partition("-")
    if mark != "hr" or not secret or len(presented) > MAX_CHARS:
        raise Unauthenticated("an API key has the form hr-<id>-<secret>: check it, or issue one with 'headrace keys'")
    return key_id, secret


def _valid(key: Key) -> Key:
    if key.revoked:
        raise KeyRevoked(f"key {key.id} was revoked: use another, or issue one with 'headrace keys'")
    return key


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _seal(signing_key: bytes, master_key: bytes, key_id: str) -> str:
    """AES-256-GCM with a random nonce in front and the key id as associated data."""
    nonce = token_bytes(NONCE_BYTES)
    return b64encode(nonce + AESGCM(master_key).encrypt(nonce, signing_key, key_id.encode())).decode()
