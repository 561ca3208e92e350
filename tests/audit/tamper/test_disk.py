"""What somebody with the broker's disk can do to a log is named with its kind and its offset."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from infra.kafka import EmbeddedKafka
from tests.audit.tamper.conftest import COUNT, MakeLog
from tests.audit.tamper.refusals import refusal
from tests.audit.tamper.segments import Row, read_rows, renumbered, write_rows

Edit = Callable[[list[Row]], list[Row]]


def changed(rows: list[Row], at: int) -> list[Row]:
    return [
        *rows[:at],
        replace(rows[at], value=(rows[at].value or b"").replace(b"admitted", b"answered")),
        *rows[at + 1 :],
    ]


def other(row: Row) -> Row:
    return replace(row, value=b"{}")


def swapped(rows: list[Row], one: int, other: int) -> list[Row]:
    moved = list(rows)
    moved[one], moved[other] = rows[other], rows[one]
    return renumbered(moved)


HARM: dict[str, tuple[Edit, str, int, str]] = {
    "changed": (lambda rows: changed(rows, 123), "changed", 123, "differs"),
    "changed-first": (lambda rows: changed(rows, 0), "changed", 0, "differs"),
    "changed-last": (lambda rows: changed(rows, COUNT - 1), "changed", COUNT - 1, "differs"),
    "dropped": (lambda rows: renumbered([*rows[:77], *rows[78:]]), "dropped", 77, "differs"),
    "inserted": (lambda rows: renumbered([*rows[:60], other(rows[60]), *rows[60:]]), "inserted", 60, "differs"),
    "reordered": (lambda rows: swapped(rows, 140, 141), "reordered", 140, "differs"),
    "duplicated": (lambda rows: renumbered([*rows[:211], rows[202], *rows[211:]]), "duplicated", 211, "differs"),
    "truncated": (lambda rows: rows[:250], "truncated", 250, "truncated"),
    "compacted": (lambda rows: [*rows[:30], *rows[32:]], "dropped", 30, "dropped"),
    "emptied": (lambda rows: [*rows[:90], replace(rows[90], value=None), *rows[91:]], "changed", 90, "differs"),
}  # fmt: skip
"""What is done, and what it is called where hashes are at hand, at which offset, and where they are not."""


def test_harm_on_the_disk_is_named(broker: EmbeddedKafka, make_log: MakeLog) -> None:
    logs = {name: make_log(f"disk-{name}") for name in HARM}
    good = make_log("disk-good")
    assert all(log.verdict().good for log in (*logs.values(), good))

    broker.stop()
    for name, (edit, *_) in HARM.items():
        write_rows(logs[name].folder, edit(read_rows(logs[name].folder)))
    write_rows(good.folder, read_rows(good.folder))
    broker.start()

    assert good.verdict().damage == []  # so that it is the harm, not the rewriting, that is found
    for name, (_, kind, offset, otherwise) in HARM.items():
        named = [(each.kind, each.offset) for each in logs[name].verdict().damage]
        assert named == [(kind, offset)], name
        without = [each.kind for each in logs[name].verdict(hashes=False).damage]
        assert without == [otherwise], name


REFUSALS = {
    "changed": "changed at offset 123",
    "dropped": "dropped at offset 77",
    "truncated": "the log ends after 250",
    "compacted": "dropped at offset 30",
}


@pytest.mark.parametrize("name", REFUSALS)
def test_nothing_new_is_signed_over_it(broker: EmbeddedKafka, make_log: MakeLog, name: str) -> None:
    """The agent that starts again refuses, and says why."""
    log = make_log(f"refused-{name}")
    broker.stop()
    write_rows(log.folder, HARM[name][0](read_rows(log.folder)))
    broker.start()

    trouble = refusal(log.settings)
    assert trouble.code == "audit_damaged"
    assert REFUSALS[name] in str(trouble.error)
