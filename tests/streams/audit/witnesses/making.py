"""Signed heads of a log that grows, for witnesses."""

from datetime import timedelta
from pathlib import Path

from schemas.base import now
from streams.audit.folders import LocalFolder
from streams.audit.notary import Notary, Rhythm, Signed
from streams.audit.signing import SigningKeys, Writer
from streams.audit.tiles import Kept, Tiles
from streams.audit.verifier.log import Entry

PLACE = "log/headrace.audit/0"


class Grower:
    """A log of one partition. ``fork`` makes its records others than those of its twin."""

    def __init__(self, folder: Path, keys: SigningKeys, fork: bytes = b"") -> None:
        rhythm = Rhythm(1, timedelta(), timedelta())
        self._fork, self.keys, self.folder = fork, keys, folder
        origin = f"headrace/{keys.log}/headrace.audit/0"
        self.notary = Notary(origin, "topic", Tiles(LocalFolder(folder)), None, Writer(bytes(32)), rhythm)

    def grow(self, count: int) -> tuple[Signed, Kept]:
        """A head of so many more records, and the hashes of all."""
        for _ in range(count):
            self.notary.see(self.entry(self.notary.size), now())
        signed = self.notary.sign(self.keys.all(), now())
        self.notary.published(signed)
        return signed, Kept(LocalFolder(self.folder), self.notary.size)

    def entry(self, offset: int) -> Entry:
        return Entry(offset, b"%d" % offset + self._fork)


def new_keys(folder: Path) -> SigningKeys:
    keys = SigningKeys(folder)
    keys.begin()
    return keys
