"""Signs heads of one partition, each of which goes on from the one before. Knows neither Kafka nor the clock."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from schemas.errors import AuditDamaged
from streams.audit.signing import SigningKey, Writer
from streams.audit.tiles import Kept, Tiles
from streams.audit.tree import consistency_proof
from streams.audit.verifier.log import Entry
from streams.audit.verifier.notes import Head, parse_body
from streams.audit.verifier.proofs import ProofError, check_consistency, leaf_hash

PUBLISHED = "published"
"""This file stands beside hashes when a head of them was published; hashes alone are of a signer that ended before."""


@dataclass(frozen=True)
class Signed:
    """A head as it is published: the note, and the tree at its size as the roots of its full subtrees."""

    head: Head
    note: bytes
    frontier: tuple[bytes, ...]


@dataclass(frozen=True)
class Rhythm:
    """A head for so many records, or for one that waits so long; when nothing comes, one to say that nothing came."""

    records: int
    every: timedelta
    idle: timedelta


class Notary:
    """``last`` is the newest head, and ``tiles`` stand at its size at first."""

    def __init__(
        self, origin: str, topic: str, tiles: Tiles, last: Head | None, writer: Writer, rhythm: Rhythm
    ) -> None:
        self.origin, self.topic, self.tiles, self.last = origin, topic, tiles, last
        self._writer, self._rhythm = writer, rhythm
        self.strangers = last.strangers if last else 0
        self._waiting: datetime | None = None

    @property
    def size(self) -> int:
        return self.tiles.size

    def see(self, entry: Entry, at: datetime) -> bool:
        """Take the next record; whether the platform wrote it. Raises ``AuditDamaged`` when it is not the next."""
        if entry.offset != self.size:
            raise AuditDamaged(f"offset {entry.offset} comes after {self.size - 1}: records are missing or moved")
        self.tiles.append(leaf_hash(entry.value))
        self._waiting = self._waiting or at
        ours = self._writer.wrote(entry.value, entry.signature or b"")
        self.strangers += not ours
        return ours

    def due(self, at: datetime) -> bool:
        if self.last is None:
            return self.size > 0
        if self._waiting is None:
            return at - self.last.time >= self._rhythm.idle
        return self.size - self.last.size >= self._rhythm.records or at - self._waiting >= self._rhythm.every

    def sign(self, keys: list[SigningKey], at: datetime) -> Signed:
        """A head of all that was seen; counts once it is given to ``published``. Blocks while tiles are written.

        Raises:
            AuditDamaged: the clock stepped back, no key is valid, or the tree does not go on from the last head.
            Unavailable: the tiles could not be written.
        """
        if self.last and at < self.last.time:
            raise AuditDamaged(f"the clock stepped back: it is {at.isoformat()}, the last head is of {self.last.time}")
        valid = [key for key in keys if key.valid(at)]
        if not valid:
            raise AuditDamaged("no key to sign heads with is valid now: make one with 'headrace audit rotate'")
        self.tiles.flush()
        tree = self.tiles.frontier()
        self._prove(tree.root())
        body = self._body(tree.root(), at)
        note = body + b"\n" + b"".join(key.line(body) for key in valid)
        return Signed(parse_body(body), note, tuple(tree.hashes))

    def _prove(self, root: bytes) -> None:
        """That the tree goes on from the last head, by the hashes that were written."""
        if self.last is None:
            return
        first, second = self.last.size, self.size
        try:
            proof = consistency_proof(first, second, Kept(self.tiles.folder, second).subtree)
            check_consistency(first, second, self.last.root, root, proof)
        except ProofError as error:
            raise AuditDamaged(f"the tree of {second} does not go on from the head of {first}: {error}") from error

    def published(self, signed: Signed) -> None:
        """The next head goes on from this one. Blocks at the first; raises ``Unavailable`` as ``sign`` does."""
        first, self.last, self._waiting = self.last is None, signed.head, None
        if first:
            self.tiles.folder.write(PUBLISHED, b"")

    def _body(self, root: bytes, at: datetime) -> bytes:
        previous = b64encode(self.last.digest).decode() if self.last else "-"
        lines = [
            self.origin,
            str(self.size),
            b64encode(root).decode(),
            f"time {at.isoformat(timespec='milliseconds')}",
            f"previous {previous}",
            f"topic {self.topic}",
        ]
        if self.strangers:
            lines.append(f"strangers {self.strangers}")
        return "".join(f"{line}\n" for line in lines).encode()
