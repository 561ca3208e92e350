"""What the audit log is signed with: keys for its heads in a folder, and the key of those who write its records."""

import json
import os
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from secrets import token_bytes, token_hex

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from schemas.base import now
from schemas.cloudevents import Header
from schemas.errors import WrongMasterKey
from streams.audit.verifier.notes import PublicKey

SIGNATURE = "headrace-audit-signature"
WRITER = "headrace-writer"
REMEMBERED = 20_000


class Writer:
    """Signs audit records as the platform. Its key comes from the master key, so every process of it is one writer."""

    def __init__(self, master_key: bytes) -> None:
        seed = HKDF(SHA256(), 32, salt=None, info=b"headrace audit writer").derive(master_key)
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._made: dict[bytes, bytes] = {}
        """Signatures that were made here and not seen again yet, with the hash of what they sign."""

    @property
    def public(self) -> PublicKey:
        return PublicKey(WRITER, self._private.public_key().public_bytes_raw(), "writer")

    def header(self, value: bytes) -> Header:
        signature = self._private.sign(value)
        if len(self._made) >= REMEMBERED:
            self._made = {}
        self._made[signature] = sha256(value).digest()
        return SIGNATURE, b64encode(signature)

    def wrote(self, value: bytes, signature: bytes) -> bool:
        """What was signed here is known again. Else it is signed again: Ed25519 signs alike each time (RFC 8032), and
        signing is faster than verifying."""
        if made := self._made.pop(signature, None):
            return made == sha256(value).digest()
        return compare_digest(self._private.sign(value), signature)


def signature_of(headers: Sequence[Header]) -> bytes:
    """The writer's signature among a record's headers; empty when there is none."""
    found = next((value for name, value in headers if name == SIGNATURE), b"")
    try:
        return b64decode(found or b"", validate=True)
    except Base64Error:
        return b""


@dataclass(frozen=True)
class SigningKey:
    """A key that heads of one log are signed with while it is valid."""

    log: str
    private: Ed25519PrivateKey
    since: datetime
    until: datetime | None = None

    @property
    def public(self) -> PublicKey:
        key = self.private.public_key().public_bytes_raw()
        return PublicKey(f"headrace/{self.log}", key, "checkpoint", self.since, self.until)

    def valid(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at <= self.until)

    def line(self, body: bytes) -> bytes:
        """Its signature of a note."""
        signature = b64encode(self.public.id + self.private.sign(body)).decode()
        return f"\u2014 {self.public.name} {signature}\n".encode()


class SigningKeys:
    """Keys as files for their owner only. The log is that of the newest key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[SigningKey]:
        """The oldest first. Raises ``WrongMasterKey`` for a file that is none."""
        paths = sorted(self.folder.glob("*.key"))
        return sorted((_load(path) for path in paths), key=lambda key: key.since)

    @property
    def log(self) -> str:
        """Raises ``WrongMasterKey`` when there is no key."""
        keys = self.all()
        if not keys:
            raise WrongMasterKey(
                f"there is no key to sign heads with in {self.folder}: put it back, or begin a new log"
            )
        return keys[-1].log

    def begin(self) -> SigningKey:
        """The first key of a new log; keys of the log before are valid no longer."""
        made = SigningKey(token_hex(4), Ed25519PrivateKey.from_private_bytes(token_bytes(32)), now())
        self._end(made.since)
        self._save(made)
        return made

    def rotate(self, overlap: timedelta) -> SigningKey:
        """A new key of the same log; the others stay valid for ``overlap``, and sign heads beside it until then."""
        made = SigningKey(self.log, Ed25519PrivateKey.from_private_bytes(token_bytes(32)), now())
        self._end(made.since + overlap)
        self._save(made)
        return made

    def _end(self, at: datetime) -> None:
        for key in self.all():
            if key.until is None or key.until > at:
                self._save(replace(key, until=at))

    def _save(self, key: SigningKey) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.folder / f"{key.log}-{key.public.id.hex()}.key"
        draft = path.with_suffix(f".{token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(
                {
                    "log": key.log,
                    "seed": key.private.private_bytes_raw().hex(),
                    "since": key.since.isoformat(),
                    "until": key.until and key.until.isoformat(),
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


def _load(path: Path) -> SigningKey:
    try:
        said = json.loads(path.read_text())
        return SigningKey(
            str(said["log"]),
            Ed25519PrivateKey.from_private_bytes(bytes.fromhex(said["seed"])),
            datetime.fromisoformat(said["since"]),
            datetime.fromisoformat(said["until"]) if said["until"] else None,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WrongMasterKey(f"{path} is no key to sign heads with ({type(error).__name__}): put it back") from error
