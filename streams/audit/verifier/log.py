"""What is wrong with a log, by kind and offset: its records against what was signed of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from .notes import Head, PublicKey
from .proofs import HASH_BYTES, Frontier, leaf_hash

Kind = Literal[
    "changed", "dropped", "inserted", "reordered", "duplicated", "truncated", "differs", "stranger", "forked",
    "replayed", "recreated", "clock stepped back", "head missing", "broken head", "unknown key", "unsigned",
    "not witnessed",
]  # fmt: skip
Leaves = Callable[[int, int], bytes]
"""The hashes of the leaves from one number up to another, 32 bytes each, as they were signed; fewer when not kept."""
WINDOW = 256
"""So many records after a head are read before it is said what is wrong before it."""


class Entry(NamedTuple):
    """A record as it is read; ``signature`` is its writer's."""

    offset: int
    value: bytes
    signature: bytes | None = None


@dataclass(frozen=True)
class Damage:
    """``offset`` is where; ``None`` where it is a head's."""

    kind: Kind
    offset: int | None
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}{'' if self.offset is None else f' at offset {self.offset}'}: {self.detail}"


def check_heads(heads: Sequence[Head]) -> Iterator[Damage]:
    """Heads in the order in which they were published: each goes on from the one before. A repeat is none."""
    for before, head in pairwise(heads):
        if head.body != before.body and (found := _between(before, head)):
            yield found


def _between(before: Head, head: Head) -> Damage | None:
    said = f"the head of {head.size} at {head.time.isoformat()}"
    wrong: list[tuple[bool, Kind, str]] = [
        (head.origin != before.origin, "broken head", f"{said} is of {head.origin}, not of {before.origin}"),
        (head.topic != before.topic, "recreated", f"{said} is of another topic of that name ({head.topic})"),
        (head.size == before.size and head.root != before.root, "forked", f"two heads of {head.size} differ"),
        (head.size < before.size, "replayed", f"{said} follows one of {before.size}"),
        (head.time < before.time, "clock stepped back", f"{said} follows one at {before.time.isoformat()}"),
        (
            head.previous != before.digest,
            "head missing",
            f"{said} does not name that of {before.size} as the one before",
        ),
    ]
    return next((Damage(kind, None, detail) for holds, kind, detail in wrong if holds), None)


class Check:
    """Checks the records of one partition as they come: ``see`` them in order, then ``end``. Ends at the first stretch
    between two heads that differs, and names what is wrong in it. Holds the records of one stretch, as hashes.

    ``heads`` are those whose signatures hold; ``begin`` is the tree before the first record.
    """

    def __init__(
        self,
        heads: Iterable[Head],
        leaves: Leaves = lambda start, stop: b"",
        begin: Frontier | None = None,
    ) -> None:
        self._tree = begin or Frontier()
        self._heads = sorted({head.size: head for head in heads if head.size >= self._tree.size}.values(), key=_size)
        self._leaves = leaves
        self._sound, self._read = self._tree.size, list[bytes]()
        self._next = self._tree.size
        self._differs = self.ended = False
        self._match()

    @property
    def size(self) -> int:
        """How many records were seen, or are missing before one that was."""
        return self._next

    @property
    def signed(self) -> int:
        """How many records the heads that held speak for."""
        return self._sound

    def see(self, entries: Iterable[Entry], writers: Sequence[PublicKey] = ()) -> Iterator[Damage]:
        """What is wrong with these; nothing after the end. One of ``writers``, if there are any, signed each."""
        for entry in entries:
            if self.ended:
                return
            if entry.offset != self._next:
                yield self._gap(entry.offset)
                return
            leaf = leaf_hash(entry.value)
            self._next += 1
            self._read.append(leaf)
            if writers:
                yield from self._author(entry, leaf, writers)
            yield from self._grow(leaf)

    def end(self) -> Iterator[Damage]:
        """What is wrong now that there are no more records."""
        if self.ended:
            return
        if self._heads and self._differs:
            yield from self._named()
        elif self._heads:
            size = max(head.size for head in self._heads)
            yield Damage("truncated", self._next, f"{size} records were signed, and the log ends after {self._next}")
        self.ended = True

    def _gap(self, offset: int) -> Damage:
        """Kafka counts without gaps; what is missing was taken out."""
        self.ended, missing = True, self._next
        if offset < missing:
            return Damage("reordered", offset, f"it comes after offset {missing - 1}")
        what = f"record {missing} is" if offset == missing + 1 else f"the records {missing} to {offset - 1} are"
        return Damage("dropped", missing, f"{what} missing")

    def _author(self, entry: Entry, leaf: bytes, writers: Sequence[PublicKey]) -> Iterator[Damage]:
        """A record that was changed has the signature of what it was; a stranger has none that fits."""
        signature = entry.signature or b""
        if not any(key.verifies(signature, entry.value) for key in writers):
            signed = self._leaves(entry.offset, entry.offset + 1)
            if not signed or signed == leaf:
                why = "no writer signed it" if not signature else "its writer's signature does not fit it"
                yield Damage("stranger", entry.offset, why)

    def _grow(self, leaf: bytes) -> Iterator[Damage]:
        self._tree.append(leaf)
        if self._differs:
            if len(self._read) >= self._heads[0].size - self._sound + WINDOW:
                yield from self._named()
            return
        self._match()

    def _match(self) -> None:
        """Whether the tree is that of the next head, where it is as large."""
        if self._heads and self._heads[0].size == self._tree.size:
            if self._heads[0].root == self._tree.root():
                self._sound, self._read = self._heads.pop(0).size, []
            else:
                self._differs = True

    def _named(self) -> Iterator[Damage]:
        """The damage in a stretch whose head does not hold."""
        self.ended, head = True, self._heads[0]
        signed = self._leaves(self._sound, head.size)
        held = [signed[at : at + HASH_BYTES] for at in range(0, len(signed), HASH_BYTES)]
        if len(held) != head.size - self._sound:
            detail = f"the records before {head.size} are not those that were signed; which, only their hashes can tell"
            yield Damage("differs", self._sound, detail)
            return
        yield compared(self._read, held, self._sound)


def compared(read: Sequence[bytes], signed: Sequence[bytes], start: int) -> Damage:
    """The first difference between hashes that were read and those that were signed, from offset ``start`` on."""
    same = zip(read, signed, strict=False)
    at = next((at for at, (one, other) in enumerate(same) if one != other), min(len(read), len(signed)))
    where = start + at
    if at >= len(read):
        return Damage("truncated", where, "the log ends where more was signed")
    if at >= len(signed):
        return Damage("broken head", None, "the hashes that were kept are not those that were signed")
    moved, later, known = read[at] in signed[at + 1 :], signed[at] in read[at + 1 :], read[at] in signed[:at]
    wrong: list[tuple[bool, Kind, str]] = [
        (moved and later, "reordered", "it was signed at another place"),
        (moved, "dropped", "the record that was signed here is missing"),
        (later and known, "duplicated", "it is a record before it again"),
        (later, "inserted", "no such record was signed"),
        (True, "changed", "it is not the record that was signed here"),
    ]
    return next(Damage(kind, where, detail) for holds, kind, detail in wrong if holds)


def _size(head: Head) -> int:
    return head.size
