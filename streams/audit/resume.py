"""Going on from what was signed: nothing new is signed over a log that is not the one that was signed."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from schemas.errors import AuditDamaged, WrongMasterKey
from streams.audit.folders import Folder
from streams.audit.live import LiveLog, Published, key_of
from streams.audit.notary import PUBLISHED, Notary, Rhythm
from streams.audit.signing import SigningKeys, Writer
from streams.audit.tiles import Kept, Tiles, load_tiles
from streams.audit.verifier.log import compared
from streams.audit.verifier.notes import Head, NoteError, PublicKey, open_note
from streams.audit.verifier.proofs import leaf_hash

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Resume:
    """Makes the notary of a partition from the log. ``recheck`` so many signed records are read again at most."""

    log: LiveLog
    keys: SigningKeys
    writer: Writer
    rhythm: Rhythm
    recheck: int

    def begin(self) -> None:
        """Make the first key of the first log.

        Raises:
            WrongMasterKey: heads stand there already, so there were keys.
        """
        if self.keys.all():
            return
        if any(self.log.last_heads(partition) for partition in self.log.partitions()):
            raise WrongMasterKey(
                f"heads stand on {self.log.checkpoints}, and the keys that signed them are not in {self.keys.folder}: "
                "put them back, or begin a new log with 'headrace audit begin'"
            )
        self.keys.begin()

    def origin(self, partition: int) -> str:
        return f"headrace/{self.keys.log}/{key_of(self.log.topic, partition).decode()}"

    def __call__(self, partition: int, folder: Folder, at: datetime) -> Notary:
        """Blocks until all that stands on the log now was read.

        Raises:
            AuditDamaged: the log is not the one that was signed, or what was signed is not there.
            Unavailable: Kafka, or the place of the tiles, does not answer.
        """
        topic, (low, high) = self.log.topic_id(), self.log.bounds(partition)
        last = self.last(partition)
        tiles = self._tiles(partition, folder, last, topic, low, high)
        notary = Notary(self.origin(partition), topic, tiles, last, self.writer, self.rhythm)
        for batch in self.log.entries(partition, notary.size, high, signatures=True):
            for entry in batch:
                notary.see(entry, at)
        return notary

    def last(self, partition: int) -> Head | None:
        """The newest head of this log; notes that none of our keys signed are nobody's."""
        origin, public = self.origin(partition), [key.public for key in self.keys.all()]
        heads = [head for published in self.log.last_heads(partition) if (head := opened(published, public))]
        ours = [head for head in heads if head.origin == origin]
        return max(ours, key=lambda head: (head.size, head.time), default=None)

    def _tiles(self, partition: int, folder: Folder, last: Head | None, topic: str, low: int, high: int) -> Tiles:
        where = key_of(self.log.topic, partition).decode()
        if last is None:
            if folder.read(PUBLISHED) is not None:
                raise AuditDamaged(f"{where}: hashes were kept, but the heads that were signed of them are gone")
            if low:
                raise AuditDamaged(f"{where}: its first {low} records are gone, and were never signed")
            return Tiles(folder)
        if folder.read(PUBLISHED) is None:
            folder.write(PUBLISHED, b"")
        if last.topic != topic:
            raise AuditDamaged(f"{where}: the topic was deleted and made again: heads are of {last.topic}, not {topic}")
        if low > last.size:
            raise AuditDamaged(f"{where}: the records from {last.size} to {low} are gone, and were never signed")
        try:
            tiles = load_tiles(folder, last.size)
        except AuditDamaged:
            tiles = None
        sound = tiles is not None and tiles.frontier().root() == last.root
        if sound:
            self._compare(partition, folder, last, max(low, last.size - self.recheck), min(high, last.size))
        if high < last.size:
            raise AuditDamaged(f"{where}: {last.size} records were signed, and the log ends after {high}")
        return tiles if sound and tiles else self._rebuilt(partition, folder, last, low)

    def _rebuilt(self, partition: int, folder: Folder, last: Head, low: int) -> Tiles:
        where = key_of(self.log.topic, partition).decode()
        if low:
            raise AuditDamaged(
                f"{where}: the hashes of its first {low} records are gone: copy them back from a witness"
            )
        log.info("hashes are made anew from the log", extra={"partition": where, "records": last.size})
        tiles = Tiles(folder)
        for leaves in self._leaves(partition, 0, last.size):
            for leaf in leaves:
                tiles.append(leaf)
            tiles.flush()
        if tiles.size != last.size or tiles.frontier().root() != last.root:
            raise AuditDamaged(f"{where}: the first {last.size} records are not those that were signed")
        return tiles

    def _compare(self, partition: int, folder: Folder, last: Head, start: int, stop: int) -> None:
        kept, at = Kept(folder, last.size), start
        for leaves in self._leaves(partition, start, stop):
            signed = kept.leaves(at, at + len(leaves))
            if signed != b"".join(leaves):
                held = [signed[each : each + 32] for each in range(0, len(signed), 32)]
                raise AuditDamaged(f"{key_of(self.log.topic, partition).decode()}: {compared(leaves, held, at)}")
            at += len(leaves)
        if at != stop:
            where = key_of(self.log.topic, partition).decode()
            raise AuditDamaged(f"{where}: records between {start} and {stop} are missing")

    def _leaves(self, partition: int, start: int, stop: int) -> Iterator[list[bytes]]:
        for batch in self.log.entries(partition, start, stop, signatures=False):
            yield [leaf_hash(entry.value) for entry in batch]


def opened(published: Published, keys: list[PublicKey]) -> Head | None:
    try:
        return open_note(published.note, keys)
    except NoteError as error:
        log.warning("a head that is not ours", extra={"where": published.where, "error": str(error)})
        return None
