"""Heads of a log as signed notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-cosignature)."""

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .proofs import HASH_BYTES, MAX_SIZE

MAX_NOTE = 2**16
ED25519, COSIGNATURE = b"\x01", b"\x04"
Role = Literal["checkpoint", "writer", "witness"]


class NoteError(ValueError):
    """A head that cannot be trusted, and why."""


@dataclass(frozen=True)
class PublicKey:
    """A key that signs heads (``checkpoint``, ``witness``) or records (``writer``), and when it was right to."""

    name: str
    key: bytes
    role: Role = "checkpoint"
    since: datetime | None = None
    until: datetime | None = None

    @property
    def id(self) -> bytes:
        """The four bytes that name it in a note."""
        kind = COSIGNATURE if self.role == "witness" else ED25519
        return hashlib.sha256(self.name.encode() + b"\n" + kind + self.key).digest()[:4]

    def verifies(self, signature: bytes, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class Head:
    """What a note says: the tree of ``size`` leaves of ``origin`` had this ``root`` at this time. ``previous`` is the
    SHA-256 of the body of the head before, ``topic`` the id that Kafka gave the topic; of the records so far
    ``strangers`` had no writer's signature that holds; ``witnesses`` cosigned it."""

    origin: str
    size: int
    root: bytes
    time: datetime
    previous: bytes | None
    topic: str
    body: bytes
    signer: str
    strangers: int = 0
    witnesses: tuple[str, ...] = ()

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.body).digest()


def open_note(note: bytes, keys: Sequence[PublicKey]) -> Head:
    """The head in a note that one of ``keys`` signed while it was valid. Raises ``NoteError``."""
    body, signatures = split_note(note)
    head = parse_body(body)
    made = [key for key in keys if any(_made(key, *signature, body) for signature in signatures)]
    signers = [key for key in made if key.role == "checkpoint"]
    if not signers:
        raise NoteError("unknown key: no key that is known signed it")
    valid = [key for key in signers if (not key.since or key.since <= head.time) and _before(head.time, key.until)]
    if not valid:
        raise NoteError(f"unknown key: {signers[0].name} was not valid at {head.time.isoformat()}")
    return replace(head, signer=valid[0].name, witnesses=tuple(key.name for key in made if key.role == "witness"))


def split_note(note: bytes) -> tuple[bytes, list[tuple[str, bytes, bytes]]]:
    """The body, and of each signature the name, the id of the key, and the signature. Raises ``NoteError``."""
    if len(note) > MAX_NOTE:
        raise NoteError(f"a note has at most {MAX_NOTE} bytes")
    body, gap, rest = note.rpartition(b"\n\n")
    if not gap or not rest.endswith(b"\n"):
        raise NoteError("a note is lines, an empty line, and lines of signatures")
    signatures = []
    for line in rest.decode("utf-8", "replace").removesuffix("\n").split("\n"):
        mark, _, named = line.partition(" ")
        name, _, encoded = named.partition(" ")
        raw = from_base64(encoded)
        if mark != "\u2014" or not name or len(raw) < 5:
            raise NoteError("a signature is a dash, a name, and base64")
        signatures.append((name, raw[:4], raw[4:]))
    return body + b"\n", signatures


def parse_body(body: bytes) -> Head:
    """What a note says, whoever signed it. Raises ``NoteError``."""
    try:
        origin, size, root, *others = body.decode().removesuffix("\n").split("\n")
        said = dict(line.split(" ", 1) for line in others)
        previous = None if said["previous"] == "-" else _hash(said["previous"])
        time = datetime.fromisoformat(said["time"])
        if not size.isdigit() or str(int(size)) != size or int(size) >= MAX_SIZE or time.tzinfo is None:
            raise NoteError("a size is a number, and a time has a zone")
        strangers = said.get("strangers", "0")
        if not strangers.isdigit():
            raise NoteError("strangers are a number")
        return Head(origin, int(size), _hash(root), time, previous, said["topic"], body, "", int(strangers))
    except (ValueError, KeyError) as error:
        raise NoteError(f"a head has origin, size, root, time, previous and topic ({error})") from error


def _made(key: PublicKey, name: str, id: bytes, signature: bytes, body: bytes) -> bool:
    if name != key.name or id != key.id or key.role == "writer":
        return False
    if key.role == "checkpoint":
        return key.verifies(signature, body)
    if len(signature) != 72:
        return False
    moment = int.from_bytes(signature[:8], "big")
    return key.verifies(signature[8:], cosigned(body, moment))


def cosigned(body: bytes, moment: int) -> bytes:
    """What a witness signs at a ``moment`` (seconds since 1970)."""
    return b"cosignature/v1\ntime %d\n" % moment + body


def _before(time: datetime, until: datetime | None) -> bool:
    return until is None or time <= until


def _hash(text: str) -> bytes:
    found = from_base64(text)
    if len(found) != HASH_BYTES:
        raise NoteError("a hash is base64 of 32 bytes")
    return found


def from_base64(text: str) -> bytes:
    """Raises ``NoteError`` for what is none, or has bits to spare that are set: one value is written in one way."""
    try:
        found = b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise NoteError("that is no base64") from error
    if b64encode(found).decode() != text:
        raise NoteError("that is no base64 as it is to be written")
    return found
