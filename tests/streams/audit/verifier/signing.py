"""Keys and heads for tests."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from streams.audit.verifier.log import Entry
from streams.audit.verifier.notes import Head, PublicKey, Role, cosigned, open_note
from streams.audit.verifier.proofs import Frontier, leaf_hash

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = "headrace/test/headrace.audit/0"


class Signer:
    def __init__(self, name: str, role: Role = "checkpoint", seed: int = 1) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.name, self.role = name, role

    def public(self, since: datetime | None = None, until: datetime | None = None) -> PublicKey:
        return PublicKey(self.name, self._private.public_key().public_bytes_raw(), self.role, since, until)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def line(self, body: bytes, moment: int = 1_800_000_000) -> bytes:
        if self.role == "witness":
            raw = moment.to_bytes(8, "big") + self.sign(cosigned(body, moment))
        else:
            raw = self.sign(body)
        return f"\u2014 {self.name} {b64encode(self.public().id + raw).decode()}\n".encode()


LOG = Signer("log.example/2026")


def body_of(size: int, root: bytes, time: datetime, previous: bytes | None, topic: str = "t1") -> bytes:
    before = b64encode(previous).decode() if previous else "-"
    lines = (
        ORIGIN,
        str(size),
        b64encode(root).decode(),
        f"time {time.isoformat()}",
        f"previous {before}",
        f"topic {topic}",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def note_of(body: bytes, *signers: Signer) -> bytes:
    return body + b"\n" + b"".join(signer.line(body) for signer in signers or (LOG,))


def values(count: int) -> list[bytes]:
    return [b'{"id":"%d"}' % number for number in range(count)]


def entries(records: Sequence[bytes]) -> list[Entry]:
    return [Entry(offset, value) for offset, value in enumerate(records)]


def heads(records: Sequence[bytes], sizes: Sequence[int], topic: str = "t1") -> list[Head]:
    """Signed heads of the log at these sizes, each an hour after the one before."""
    made: list[Head] = []
    for number, size in enumerate(sizes):
        tree = Frontier()
        for value in records[:size]:
            tree.append(leaf_hash(value))
        previous = made[-1].digest if made else None
        body = body_of(size, tree.root(), BEGIN + timedelta(hours=number), previous, topic)
        made.append(open_note(note_of(body), [LOG.public()]))
    return made
