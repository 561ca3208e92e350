"""A folder or an object store that keeps heads and hashes, as c2sp.org/tlog-tiles lays them out."""

from schemas.errors import AuditDamaged
from streams.audit.folders import Folder, below
from streams.audit.notary import Signed
from streams.audit.tiles import HEIGHT, WIDTH, Kept, tile_path
from streams.audit.verifier.notes import Head, NoteError, parse_body, split_note

NEWEST = "checkpoint"


class StoreKeeper:
    def __init__(self, name: str, folder: Folder) -> None:
        self.name, self._folder = name, folder

    def keep(self, place: str, signed: Signed, kept: Kept) -> None:
        folder = below(self._folder, place)
        before = _newest(folder)
        if before:
            _check(before, signed.head, kept)
        for path, data in _grown(before.size if before else 0, kept):
            folder.write(path, data)
        folder.write(head_path(signed.head), signed.note)
        folder.write(NEWEST, signed.note)


def head_path(head: Head) -> str:
    return f"heads/{head.size:020d}-{head.time:%Y%m%dT%H%M%S%fZ}"


def _newest(folder: Folder) -> Head | None:
    note = folder.read(NEWEST)
    try:
        return parse_body(split_note(note)[0]) if note else None
    except NoteError as error:
        raise AuditDamaged(f"the newest head that it has is none: {error}") from error


def _check(before: Head, head: Head, kept: Kept) -> None:
    """What is kept is never gone back on."""
    if head.size < before.size:
        raise AuditDamaged(f"it has a head of {before.size} records, and was given one of {head.size}")
    if before.size and kept.subtree(0, before.size) != before.root:
        raise AuditDamaged(f"the head of {before.size} records that it has is of another history")


def _grown(size: int, kept: Kept) -> list[tuple[str, bytes]]:
    """The tiles that a tree has, and did not have at ``size``."""
    found, level = [], 0
    while level == 0 or kept.size >> HEIGHT * level:
        count = kept.size >> HEIGHT * level
        for number in range((size >> HEIGHT * level) // WIDTH, -(-count // WIDTH)):
            width = min(count - number * WIDTH, WIDTH)
            found.append((tile_path(level, number, width), kept.tile(level, number)))
        level += 1
    return found
