"""One thing in a real log is changed at random, 100,000 times over: none of it is ever good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.audit.tree import consistency_proof, inclusion_proof, subtree_of
from streams.audit.verifier.log import Check, Entry, check_heads
from streams.audit.verifier.notes import Head, NoteError, open_note
from streams.audit.verifier.proofs import ProofError, check_consistency, check_inclusion, leaf_hash
from streams.audit.verifier.trust import Trust
from streams.cli.heads import trust_of
from tests.audit.tamper.conftest import MakeLog

COUNT = 150
EXAMPLES, EACH = 1000, 100


@dataclass(frozen=True)
class Held:
    """What a verifier holds of a log that was read."""

    entries: Sequence[Entry]
    notes: Sequence[bytes]
    trust: Trust

    @property
    def heads(self) -> list[Head]:
        return [open_note(note, self.trust.signers) for note in self.notes]

    @property
    def leaves(self) -> bytes:
        return b"".join(leaf_hash(entry.value) for entry in self.entries)


def flipped(data: bytes, chance: Random) -> bytes:
    bit = chance.randrange(len(data) * 8)
    return (int.from_bytes(data, "big") ^ 1 << bit).to_bytes(len(data), "big")


def renumbered(values: Sequence[bytes]) -> list[Entry]:
    return [Entry(offset, value) for offset, value in enumerate(values)]


def changed(values: list[bytes], chance: Random) -> list[Entry]:
    at = chance.randrange(len(values))
    values[at] = flipped(values[at], chance)
    return renumbered(values)


def dropped(values: list[bytes], chance: Random) -> list[Entry]:
    """As a log that was written anew, or with a gap."""
    at, entries = chance.randrange(len(values)), renumbered(values)
    rest = [*entries[:at], *entries[at + 1 :]]
    return rest if chance.random() < 0.5 else renumbered([entry.value for entry in rest])


def inserted(values: list[bytes], chance: Random) -> list[Entry]:
    values.insert(chance.randrange(len(values)), chance.randbytes(chance.randrange(200)))
    return renumbered(values)


def duplicated(values: list[bytes], chance: Random) -> list[Entry]:
    """Before the end: a record again after the last one that was signed is no damage to what was signed."""
    at = chance.randrange(len(values) - 1)
    values.insert(at, values[at])
    return renumbered(values)


def moved(values: list[bytes], chance: Random) -> list[Entry]:
    one, other = chance.sample(range(len(values)), 2)
    values[one], values[other] = values[other], values[one]
    return renumbered(values)


def truncated(values: list[bytes], chance: Random) -> list[Entry]:
    return renumbered(values[: chance.randrange(len(values))])


RECORDS: tuple[Callable[[list[bytes], Random], list[Entry]], ...] = (
    changed, changed, dropped, inserted, duplicated, moved, truncated,
)  # fmt: skip


def of_records(held: Held, heads: list[Head], leaves: bytes, chance: Random) -> bool:
    """Whether a log with one harm to its records is found out, with hashes at hand and without."""
    entries = chance.choice(RECORDS)([entry.value for entry in held.entries], chance)
    known = chance.random() < 0.5
    check = Check(heads, (lambda start, stop: leaves[start * 32 : stop * 32]) if known else lambda *_: b"")
    return bool([*check.see(entries), *check.end()])


def of_heads(held: Held, heads: list[Head], leaves: bytes, chance: Random) -> bool:
    """A bit of a note: nobody signed that."""
    at = chance.randrange(len(held.notes))
    try:
        made = [*heads[:at], open_note(flipped(held.notes[at], chance), held.trust.signers), *heads[at + 1 :]]
    except NoteError:
        return True
    return bool(list(check_heads(made)))


def of_order(held: Held, heads: list[Head], leaves: bytes, chance: Random) -> bool:
    """A head is left out in the middle, or shown at another place."""
    made = list(heads)
    head = made.pop(chance.randrange(1, len(made) - 1))
    if chance.random() < 0.5:
        made.insert(chance.choice([at for at in range(len(made) + 1) if at != heads.index(head)]), head)
    return bool(list(check_heads(made)))


def of_proofs(held: Held, heads: list[Head], leaves: bytes, chance: Random) -> bool:
    """A bit of a hash, a hash more or less, or another index."""
    size = chance.choice(heads).size
    index, root = chance.randrange(size), next(head.root for head in heads if head.size == size)
    proof = inclusion_proof(index, size, subtree_of(leaves))
    leaf = leaves[index * 32 : index * 32 + 32]
    how, at = chance.randrange(5), chance.randrange(len(proof))
    if how == 0:
        proof[at] = flipped(proof[at], chance)
    elif how == 1:
        del proof[at]
    elif how == 2:
        proof.insert(at, chance.choice([proof[at], chance.randbytes(32)]))
    elif how == 3:
        leaf = flipped(leaf, chance)
    else:
        index = chance.choice([other for other in range(size + 2) if other != index])
    try:
        check_inclusion(leaf, index, size, proof, root)
    except ProofError:
        return True
    return False


def of_consistency(held: Held, heads: list[Head], leaves: bytes, chance: Random) -> bool:
    first, second = chance.choice(list(pairwise(heads)))
    proof = consistency_proof(first.size, second.size, subtree_of(leaves))
    at = chance.randrange(len(proof))
    proof[at] = flipped(proof[at], chance)
    try:
        check_consistency(first.size, second.size, first.root, second.root, proof)
    except ProofError:
        return True
    return False


WAYS = (*(of_records,) * 6, of_heads, of_order, of_proofs, of_consistency)


def test_none_of_100_000_mutations_is_accepted(make_log: MakeLog) -> None:
    log = make_log("mutated", COUNT)
    entries = [entry for batch in log.log.entries(0, 0, COUNT, signatures=False) for entry in batch]
    held = Held(entries, [published.note for published in log.log.heads(0)], trust_of(log.settings))
    heads, leaves, tried = held.heads, held.leaves, 0

    @settings(max_examples=EXAMPLES, deadline=None, database=None)
    @given(st.integers(min_value=0, max_value=2**64 - 1))
    def none_is_accepted(seed: int) -> None:
        nonlocal tried
        chance = Random(seed)
        for _ in range(EACH):
            way = chance.choice(WAYS)
            assert way(held, heads, leaves, chance), way.__name__
            tried += 1

    assert not list(check_heads(heads))
    none_is_accepted()
    assert tried >= 100_000
