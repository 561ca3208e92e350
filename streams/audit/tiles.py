"""The hashes of a tree in files of 256 (c2sp.org/tlog-tiles), so that proofs need few of them and damage is named."""

from collections.abc import Iterable

from schemas.errors import AuditDamaged
from streams.audit.folders import Folder
from streams.audit.tree import Subtree, root_of, split
from streams.audit.verifier.proofs import EMPTY, HASH_BYTES, Frontier, node_hash

WIDTH = 256
HEIGHT = 8
TILE = WIDTH * HASH_BYTES


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Where a tile stands: its number in groups of three digits, and its width when it is not full."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.append(f"x{number % 1000:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(groups))}{partial}"


class Tiles:
    """A tree that grows. What is new since ``flush`` is in memory alone: 32 bytes a leaf."""

    def __init__(self, folder: Folder) -> None:
        self.folder, self.size = folder, 0
        self._rows = [bytearray()]
        """Of each level the hashes of the tile that is not full."""
        self._new: dict[str, bytes] = {}
        self._partial: list[str] = []

    def append(self, leaf: bytes) -> None:
        self.size += 1
        self._rows[0] += leaf
        if len(self._rows[0]) == TILE:
            self._carry()

    def _carry(self) -> None:
        """Full tiles become hashes of the level above."""
        level = 0
        while len(self._rows[level]) == TILE:
            full = bytes(self._rows[level])
            number = (self.size >> HEIGHT * (level + 1)) - 1
            self._new[tile_path(level, number)] = full
            self._rows[level].clear()
            level += 1
            if level == len(self._rows):
                self._rows.append(bytearray())
            self._rows[level] += root_of(full)

    def frontier(self) -> Frontier:
        """The tree as the roots of its full subtrees."""
        hashes = [root for row in reversed(self._rows) for root in _subtrees(row)]
        return Frontier(self.size, hashes)

    def flush(self) -> None:
        """Write what is new; raises ``Unavailable``, and can be called again then."""
        partial = {
            tile_path(level, self.size >> HEIGHT * (level + 1), len(row) // HASH_BYTES): bytes(row)
            for level, row in enumerate(self._rows)
            if row
        }
        for path, data in {**self._new, **partial}.items():
            self.folder.write(path, data)
        for path in self._partial:
            if path not in partial:
                self.folder.drop(path)
        self._new, self._partial = {}, list(partial)


def _subtrees(row: bytearray) -> Iterable[bytes]:
    count, start = len(row) // HASH_BYTES, 0
    for bit in reversed(range(HEIGHT)):
        if count >> bit & 1:
            yield root_of(bytes(row[start * HASH_BYTES : (start + (1 << bit)) * HASH_BYTES]))
            start += 1 << bit


def load_tiles(folder: Folder, size: int) -> Tiles:
    """The tree of ``size`` leaves, to go on from. Raises ``AuditDamaged`` when its tiles are not all there."""
    tiles = Tiles(folder)
    tiles.size, level = size, 0
    while level == 0 or size >> HEIGHT * level:
        count = size >> HEIGHT * level
        if level == len(tiles._rows):
            tiles._rows.append(bytearray())
        if width := count % WIDTH:
            tiles._rows[level] += _read(folder, level, count // WIDTH, width)
            tiles._partial.append(tile_path(level, count // WIDTH, width))
        level += 1
    return tiles


class Kept:
    """Hashes that are read from tiles, those of the first ``size`` leaves. They are those of one tree, whose root is
    ``subtree(0, size)``."""

    def __init__(self, folder: Folder, size: int) -> None:
        self.folder, self.size = folder, size
        self._held: dict[tuple[int, int], bytes] = {}

    def root(self) -> bytes | None:
        """That of the whole tree; ``None`` when not all of it is kept."""
        try:
            return self._subtree(0, self.size) if self.size else EMPTY
        except AuditDamaged:
            return None

    def frontier(self, size: int) -> Frontier:
        """The tree of the first leaves. Raises ``AuditDamaged`` when a tile is missing."""
        hashes, start = [], 0
        for bit in reversed(range(size.bit_length())):
            if size >> bit & 1:
                hashes.append(self._subtree(start, start + (1 << bit)))
                start += 1 << bit
        return Frontier(size, hashes)

    def leaves(self, start: int, stop: int) -> bytes:
        """Fewer than asked when they are not kept."""
        try:
            return self._hashes(0, start, min(stop, self.size))
        except AuditDamaged:
            return b""

    @property
    def subtree(self) -> Subtree:
        return self._subtree

    def _subtree(self, start: int, stop: int) -> bytes:
        """Raises ``AuditDamaged`` when a tile is missing."""
        count = stop - start
        if count & (count - 1) == 0 and start % count == 0:
            level = (count.bit_length() - 1) // HEIGHT
            step = HEIGHT * level
            return root_of(self._hashes(level, start >> step, stop >> step))
        middle = start + split(count)
        return node_hash(self._subtree(start, middle), self._subtree(middle, stop))

    def _hashes(self, level: int, start: int, stop: int) -> bytes:
        found = bytearray()
        for number in range(start // WIDTH, -(-stop // WIDTH)):
            first = number * WIDTH
            tile = self.tile(level, number)
            found += tile[max(start - first, 0) * HASH_BYTES : (stop - first) * HASH_BYTES]
        return bytes(found)

    def tile(self, level: int, number: int) -> bytes:
        """The hashes of a tile; raises ``AuditDamaged`` when it is missing, or not that of this tree."""
        if (level, number) not in self._held:
            if len(self._held) >= 1024:
                self._held.clear()
            width = min((self.size >> HEIGHT * level) - number * WIDTH, WIDTH)
            tile = _read(self.folder, level, number, width)
            if width == WIDTH and root_of(tile) != self._hashes(level + 1, number, number + 1):
                raise AuditDamaged(f"the hashes {tile_path(level, number)} are not those that were kept")
            self._held[level, number] = tile
        return self._held[level, number]


def _read(folder: Folder, level: int, number: int, width: int) -> bytes:
    """The first hashes of a tile, which may be wider by now."""
    data = folder.read(tile_path(level, number, width)) or folder.read(tile_path(level, number))
    if data is None:
        stem = tile_path(level, number)
        wider = [int(name) for name in folder.names(f"{stem}.p") if name.isdigit() and int(name) > width]
        data = folder.read(f"{stem}.p/{min(wider)}") if wider else None
    if data is None or len(data) < width * HASH_BYTES:
        raise AuditDamaged(f"the hashes {tile_path(level, number, width)} are not kept")
    return data[: width * HASH_BYTES]
