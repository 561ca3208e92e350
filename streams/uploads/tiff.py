"""TIFF 6.0 structures: the tags a picture is drawn with, and the one of Exif that says which side is up."""

import struct
from dataclasses import dataclass
from typing import NamedTuple

ORIENTATION = 274
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_DRAWN = frozenset(
    {256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 274, 277, 278, 279, 280, 281, 282, 283, 284, 290, 291, 292, 293}
    | {296, 301, 317, 318, 319, 320, 321, 322, 323, 324, 325, 332, 334, 336, 338, 339, 340, 341, 347}
    | {512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532, 34675}
)
"""Baseline and extension tags that say how to draw; 34675 is the colour profile."""
_PLACES = {273: 279, 324: 325, 513: 514}
"""Tags that say where pixels stand, with those that say how many bytes."""


class Entry(NamedTuple):
    """A field of a directory: its values as they stand, in the file's byte order."""

    tag: int
    kind: int
    number: int
    data: bytes


@dataclass(frozen=True)
class Directory:
    """The first directory of a file. ``order`` is that of ``struct``."""

    order: str
    entries: tuple[Entry, ...]

    def numbers(self, tag: int) -> tuple[int, ...]:
        """The values of a field of shorts or longs; none where it is missing or of another kind."""
        for entry in self.entries:
            if entry.tag == tag and entry.kind in (3, 4):
                return struct.unpack(f"{self.order}{entry.number}{'H' if entry.kind == 3 else 'I'}", entry.data)
        return ()


def directory(data: bytes) -> Directory:
    """The first directory, without fields that reach beyond the file. Raises ``struct.error`` when it is cut off."""
    order = "<" if data[:1] == b"I" else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    found = (_entry(order, data, at + 2 + 12 * number) for number in range(count))
    return Directory(order, tuple(entry for entry in found if entry))


def _entry(order: str, data: bytes, at: int) -> Entry | None:
    tag, kind, count = struct.unpack_from(order + "HHI", data, at)
    size = _SIZES.get(kind, 0) * count
    place = at + 8 if size <= 4 else struct.unpack_from(order + "I", data, at + 8)[0]
    value = data[place : place + size]
    return Entry(tag, kind, count, value) if size and len(value) == size else None


def orientation(exif: bytes) -> int:
    """Which side is up, 1 (as it stands) to 8; 1 where the record does not say it."""
    if exif[:4] not in (b"II*\0", b"MM\0*"):
        return 1
    try:
        up = directory(exif).numbers(ORIENTATION)
    except struct.error:
        return 1
    return up[0] if up and 1 <= up[0] <= 8 else 1


def oriented(up: int) -> bytes:
    """An Exif record that says which side is up and nothing else."""
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, ORIENTATION, 3, 1, up, 0, 0)


def rebuilt(data: bytes) -> bytes:
    """A file of the same pixels, with the tags it is drawn with and nothing else in it."""
    source = directory(data)
    order, body = source.order, bytearray(data[:4] + bytes(4))
    entries = {entry.tag: entry for entry in source.entries if entry.tag in _DRAWN}
    for places, sizes in _PLACES.items():
        if places in entries:
            starts, lengths = source.numbers(places), source.numbers(sizes)
            moved = [_append(body, data[start : start + size]) for start, size in zip(starts, lengths, strict=False)]
            entries[places] = Entry(places, 4, len(moved), struct.pack(f"{order}{len(moved)}I", *moved))
    fields = [_field(order, body, entries[tag]) for tag in sorted(entries)]
    at = _append(body, struct.pack(order + "H", len(fields)) + b"".join(fields) + bytes(4))
    struct.pack_into(order + "I", body, 4, at)
    return bytes(body)


def _append(body: bytearray, data: bytes) -> int:
    """Where the data now stands: at an even place, as the standard asks."""
    body += bytes(len(body) % 2)
    at = len(body)
    body += data
    return at


def _field(order: str, body: bytearray, entry: Entry) -> bytes:
    value = entry.data.ljust(4, b"\0") if len(entry.data) <= 4 else struct.pack(order + "I", _append(body, entry.data))
    return struct.pack(order + "HHI", entry.tag, entry.kind, entry.number) + value
