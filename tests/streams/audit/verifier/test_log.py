"""Damage by name and offset."""

import ast
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from streams.audit import verifier
from streams.audit.verifier.log import Check, Damage, Entry, check_heads
from streams.audit.verifier.notes import Head
from streams.audit.verifier.proofs import Frontier, leaf_hash
from tests.streams.audit.verifier.signing import LOG, Signer, entries, heads, values

COUNT = 40
SIZES = (10, 20, 37)
VALUES = values(COUNT)
WRITER = Signer("control", "writer", seed=9)


def verified(read: list[Entry], signed: list[Head], *, kept: bool = True) -> list[Damage]:
    hashes = b"".join(map(leaf_hash, VALUES[: max(SIZES)]))
    check = Check(signed, leaves=(lambda start, stop: hashes[start * 32 : stop * 32]) if kept else lambda *_: b"")
    return [*check.see(read), *check.end()]


def renumbered(records: list[bytes]) -> list[Entry]:
    """As if the whole topic had been written anew."""
    return entries(records)


def test_a_good_log() -> None:
    signed = heads(VALUES, SIZES)
    check = Check(signed)

    assert [*check_heads(signed), *check.see(entries(VALUES)), *check.end()] == []
    assert (check.size, check.signed) == (COUNT, max(SIZES))


def without(at: int) -> list[bytes]:
    return VALUES[:at] + VALUES[at + 1 :]


TAMPERED: list[tuple[str, list[Entry], int]] = [
    ("changed", renumbered([*VALUES[:13], b"other", *VALUES[14:]]), 13),
    ("changed", renumbered([b"other", *VALUES[1:]]), 0),
    ("changed", renumbered([*VALUES[:36], b"other", *VALUES[37:]]), 36),  # the last that was signed
    ("dropped", renumbered(without(13)), 13),
    ("dropped", [entry for entry in entries(VALUES) if entry.offset != 13], 13),  # a gap in the offsets
    ("inserted", renumbered([*VALUES[:13], b"other", *VALUES[13:]]), 13),
    ("reordered", renumbered([*VALUES[:13], VALUES[14], VALUES[13], *VALUES[15:]]), 13),
    ("duplicated", renumbered([*VALUES[:13], VALUES[12], *VALUES[13:]]), 13),
    ("truncated", entries(VALUES[:30]), 30),
    ("truncated", [], 0),
]


@pytest.mark.parametrize(("kind", "read", "offset"), TAMPERED)
def test_damage_is_named_at_its_offset(kind: str, read: list[Entry], offset: int) -> None:
    found = verified(read, heads(VALUES, SIZES))

    assert [(each.kind, each.offset) for each in found] == [(kind, offset)]


@pytest.mark.parametrize(("kind", "read", "offset"), TAMPERED)
def test_without_the_hashes_it_is_named_between_two_heads(kind: str, read: list[Entry], offset: int) -> None:
    (found,) = verified(read, heads(VALUES, SIZES), kept=False)

    assert found.offset is not None
    assert found.offset <= offset
    assert max(size for size in (0, *SIZES) if size <= offset) <= found.offset


def test_no_single_mutation_passes() -> None:
    """100,000 of them at random: a bit, a record more, less, twice, or moved, in a log of any size."""
    chance = random.Random(5)
    for _ in range(100_000):
        size = chance.randrange(1, 9)
        records = VALUES[:size]
        check = Check([HEADS[size]])
        damaged = list(check.see(entries(mutated(records, chance)))) + list(check.end())
        assert damaged


HEADS = {size: heads(VALUES, [size])[0] for size in range(1, 9)}


def mutated(records: list[bytes], chance: random.Random) -> list[bytes]:
    at, how = chance.randrange(len(records)), chance.randrange(5)
    made = list(records)
    if how == 0 and len(records) > 1:
        other = (at + chance.randrange(1, len(records))) % len(records)
        made[at], made[other] = made[other], made[at]
    elif how == 1:
        del made[at]
    elif how == 2:
        made.insert(at, made[chance.randrange(len(made))])
        made = made[: len(records)] if made[: len(records)] != records else [*made[:at], b"more", *records[at:]]
    else:
        bit = chance.randrange(len(made[at]) * 8)
        made[at] = (int.from_bytes(made[at], "big") ^ 1 << bit).to_bytes(len(made[at]), "big")
    return made


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda made: [made[0], made[1], replace(made[1], root=b"\0" * 32, body=b"other")], "forked"),
        (lambda made: [*made, made[0]], "replayed"),
        (lambda made: [made[0], made[2]], "head missing"),
        (lambda made: [made[0], replace(made[1], topic="t2", body=b"other")], "recreated"),
        (lambda made: [made[0], replace(made[1], time=made[0].time - timedelta(1), body=b"o")], "clock stepped back"),
        (lambda made: [made[0], replace(made[1], origin="elsewhere", body=b"other")], "broken head"),
    ],
)
def test_heads_that_do_not_follow(change: Callable[[list[Head]], list[Head]], kind: str) -> None:
    assert [found.kind for found in check_heads(change(heads(VALUES, SIZES)))] == [kind]


def test_a_repeated_head_is_none() -> None:
    made = heads(VALUES, SIZES)
    assert list(check_heads([made[0], made[0], *made[1:]])) == []


def test_strangers_are_named() -> None:
    """What a writer did not sign was written by somebody else."""
    signed = [Entry(offset, value, WRITER.sign(value)) for offset, value in enumerate(VALUES)]
    signed[7] = Entry(7, VALUES[7], LOG.sign(VALUES[7]))
    signed[9] = Entry(9, VALUES[9])
    check = Check([])

    found = [*check.see(signed, [WRITER.public()]), *check.end()]
    assert [(each.kind, each.offset) for each in found] == [("stranger", 7), ("stranger", 9)]


def test_it_goes_on_from_a_frontier() -> None:
    """Where retention took the beginning, the tree of it is enough."""
    begin = Frontier()
    for value in VALUES[:15]:
        begin.append(leaf_hash(value))
    read = entries(VALUES)[15:]
    bad = [*read[:8], read[8]._replace(value=b"other"), *read[9:]]

    for rest, kinds in ((read, []), (bad, ["differs"])):
        check = Check(heads(VALUES, SIZES), begin=Frontier(15, begin.hashes))
        assert [each.kind for each in (*check.see(rest), *check.end())] == kinds


def test_it_stands_alone() -> None:
    """Whoever checks a log copies the folder: it imports itself, the standard library, and cryptography."""
    names = set()
    for file in Path(verifier.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module or "")
    assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "cryptography"}
