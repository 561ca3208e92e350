"""``headrace audit verify``, ``prove`` and ``consistency``."""

import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import orjson
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from infra.settings import Settings
from schemas.base import now
from schemas.errors import AuditDamaged, NotFound
from streams.audit.exported import ExportedLog
from streams.audit.folders import Folder, below, open_folder
from streams.audit.live import LiveLog, Log, Published, key_of
from streams.audit.process import hashes_of
from streams.audit.resume import opened
from streams.audit.tiles import Kept
from streams.audit.tree import consistency_proof, inclusion_proof
from streams.audit.verification import Verdict, Verification
from streams.audit.verifier.notes import Head
from streams.audit.verifier.proofs import check_consistency, check_inclusion, leaf_hash
from streams.audit.verifier.trust import Trust
from streams.audit.witnesses.build import stores_of
from streams.cli.heads import read_trust, trust_of
from streams.cli.options import as_json, load_settings, show_json, show_table
from streams.cli.progress import CONSOLE

from_keys = click.option(
    "--keys", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Public keys; else those of the state."
)
at_partition = click.option("--partition", type=click.IntRange(0), help="Only this one.")


@click.command(epilog="Example: headrace audit verify --keys audit-keys.json --witness /mnt/witness")
@from_keys
@click.option("--export", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Of an export.")
@click.option("--witness", "witnesses", multiple=True, metavar="URL", help="A folder or store where heads are kept.")
@click.option("--head", "heads", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--signatures", is_flag=True, help="Check who wrote each record; ten times slower.")
@click.option("--unsigned", type=click.FloatRange(0), default=600.0, show_default=True, help="Seconds without a head.")
@at_partition
@as_json
def verify(
    keys: Path | None,
    folder: Path | None,
    witnesses: tuple[str, ...],
    heads: tuple[Path, ...],
    signatures: bool,
    unsigned: float,
    partition: int | None,
    as_json: bool,
) -> None:
    """Check that the audit log is the one that was signed, live or from an export.

    Every record is read. It ends with 1 when anything is wrong, and names the kind of damage, the partition and the
    offset. Heads that you kept (--head), or that a witness keeps, show what the log itself may hide; those of stores
    and of other Kafkas that the settings name as witnesses are always looked at.
    """
    settings = load_settings()
    trust = read_trust(keys) if keys else trust_of(settings)
    log, topic = _log(settings, folder)
    places = [*map(open_folder, witnesses), *([open_folder(str(folder))] if folder else []), *stores_of(settings)]
    kept = _kept([*places, *([] if folder else [hashes_of(settings)])])
    others = [LiveLog(other.kafka, topic) for other in settings.audit.witnesses if other.kafka]

    def elsewhere(each: int) -> Sequence[Published]:
        asked = [Published(path.read_bytes(), (), str(path)) for path in heads]
        ours = [head for head in asked if f"/{key_of(topic, each).decode()}\n".encode() in head.note]
        kept = (found for place in places for found in witnessed(place, trust, topic, each))
        return [*ours, *kept, *(found for other in others for found in other.heads(each))]

    wanted = log.partitions() if partition is None else [partition]
    with _progress() as bar:
        task = bar.add_task("records", total=sum(high - low for low, high in map(log.bounds, wanted)))
        check = Verification(
            log, topic, trust, now(), elsewhere, kept, signatures, timedelta(seconds=unsigned),
            lambda count: bar.advance(task, count),
        )  # fmt: skip
        verdicts = [check(each) for each in wanted]
    _show(verdicts, topic, as_json)
    if not all(verdict.good for verdict in verdicts):
        sys.exit(1)


@click.command(epilog="Example: headrace audit prove REQUEST | headrace audit check-proof")
@click.argument("request_id")
@from_keys
@click.option("--witness", "witnesses", multiple=True, metavar="URL", help="Where hashes are kept; else in the state.")
def prove(request_id: str, keys: Path | None, witnesses: tuple[str, ...]) -> None:
    """Prove of each audit record about a request that it is on the log: a case for 'check-proof' a line.

    A case carries the record's place and hash, no content, and the signed head that its root is from.
    """
    settings = load_settings()
    trust = read_trust(keys) if keys else trust_of(settings)
    log, topic = _live(settings)
    kept = _kept([*(open_folder(url) for url in witnesses), hashes_of(settings)])
    count = 0
    for partition, offset, value in _about(log, request_id):
        head, note = _newest(log, partition, trust)
        if offset >= head.size:
            click.echo(f"{topic}/{partition}@{offset} waits for the next head: try again in some seconds", err=True)
            sys.exit(1)
        hashes = _needed(kept(head.origin, head.size), head)
        proof = inclusion_proof(offset, head.size, hashes.subtree)
        check_inclusion(leaf_hash(value), offset, head.size, proof, head.root)
        where = {"topic": topic, "partition": partition, "offset": offset}
        case = {"type": "inclusion", "index": offset, "size": head.size, "leaf_hash": _text(leaf_hash(value))}
        click.echo(orjson.dumps({**case, **_proved(head, proof), **where, "head": note.decode()}))
        count += 1
    if not count:
        raise NotFound(f"there is no audit record about {request_id}")


@click.command(epilog="Example: headrace audit consistency 1000 2000 --partition 0 | headrace audit check-proof")
@click.argument("first", type=click.IntRange(0))
@click.argument("second", type=click.IntRange(0))
@click.option("--partition", type=click.IntRange(0), default=0, show_default=True)
@from_keys
@click.option("--witness", "witnesses", multiple=True, metavar="URL", help="Where hashes are kept; else in the state.")
def consistency(first: int, second: int, partition: int, keys: Path | None, witnesses: tuple[str, ...]) -> None:
    """Prove that the log of SECOND records begins with that of FIRST: a case for 'check-proof'."""
    settings = load_settings()
    trust = read_trust(keys) if keys else trust_of(settings)
    log, _ = _live(settings)
    head, note = _newest(log, partition, trust)
    if not first <= second <= head.size:
        raise NotFound(f"{head.size} records of partition {partition} are signed: give two sizes up to that, in order")
    hashes = _needed(
        _kept([*(open_folder(url) for url in witnesses), hashes_of(settings)])(head.origin, head.size), head
    )
    old, new = (Kept(hashes.folder, size).root() or b"" for size in (first, second))
    proof = consistency_proof(first, second, hashes.subtree)
    check_consistency(first, second, old, new, proof)
    case = {
        "type": "consistency",
        "first": first,
        "second": second,
        "first_root": _text(old),
        "second_root": _text(new),
    }
    click.echo(orjson.dumps({**case, "proof": [_text(each) for each in proof], "head": note.decode()}))


def _live(settings: Settings) -> tuple[LiveLog, str]:
    log = LiveLog(settings.kafka)
    return log, log.topic


def _log(settings: Settings, folder: Path | None) -> tuple[Log, str]:
    if folder is None:
        return _live(settings)
    exported = ExportedLog(folder)
    return exported, exported.topic


def _kept(places: Sequence[Folder]) -> Callable[[str, int], Kept | None]:
    """The hashes of the first place that has them all."""

    def find(origin: str, size: int) -> Kept | None:
        for place in places:
            kept = Kept(below(place, origin.removeprefix("headrace/")), size)
            if kept.root() is not None:
                return kept
        return None

    return find


def witnessed(place: Folder, trust: Trust, topic: str, partition: int) -> Sequence[Published]:
    """The heads that a store keeps of a partition, of each log whose key is known, and those that were written over."""
    logs = {key.name.removeprefix("headrace/") for key in trust.keys if key.role == "checkpoint"}
    found = []
    for log in sorted(logs):
        folder = below(place, f"{log}/{key_of(topic, partition).decode()}")
        found += [Published(note, (), f"heads/{name}") for name, note in folder.history("heads")]
    return found


def _newest(log: LiveLog, partition: int, trust: Trust) -> tuple[Head, bytes]:
    found = [(head, each.note) for each in log.last_heads(partition) if (head := opened(each, list(trust.signers)))]
    if not found:
        raise NotFound(f"no head of partition {partition} was signed yet")
    return max(found, key=lambda pair: (pair[0].time, pair[0].size))


def _needed(kept: Kept | None, head: Head) -> Kept:
    if kept is None or kept.root() != head.root:
        raise AuditDamaged("the hashes of the log are not here, or not those that were signed: give --witness")
    return kept


def _about(log: LiveLog, request_id: str) -> list[tuple[int, int, bytes]]:
    """Where the audit records of a request stand, and their values."""
    found, wanted = [], request_id.encode()
    for partition in log.partitions():
        for batch in log.messages(log.topic, partition, *log.bounds(partition)):
            found += [(partition, one.offset(), one.value() or b"") for one in batch if one.key() == wanted]
    return found


def _proved(head: Head, proof: Sequence[bytes]) -> dict[str, Any]:
    return {"root": _text(head.root), "proof": [_text(each) for each in proof]}


def _text(hash: bytes) -> str:
    return b64encode(hash).decode()


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=CONSOLE, transient=True, disable=not CONSOLE.is_terminal)


def _show(verdicts: Sequence[Verdict], topic: str, as_json: bool) -> None:
    if as_json:
        show_json([_record(verdict) for verdict in verdicts])
        return
    rows = [
        (
            verdict.partition,
            f"{verdict.start}–{verdict.high}",
            verdict.signed,
            verdict.head.time.isoformat(timespec="seconds") if verdict.head else "",
            ", ".join(verdict.head.witnesses) if verdict.head else "",
            "good" if verdict.good else "DAMAGED",
        )
        for verdict in verdicts
    ]
    show_table(("partition", "records", "signed", "newest head", "witnesses", "verdict"), rows, "no partitions")
    for verdict in verdicts:
        for damage in verdict.damage:
            click.secho(f"{topic}/{verdict.partition}: {damage}", fg="red")
    if any(verdict.start > verdict.low for verdict in verdicts):
        click.echo("Records before the first head that is still there were not checked: their hashes are not here.")


def _record(verdict: Verdict) -> dict[str, Any]:
    head = verdict.head
    return {
        "partition": verdict.partition,
        "good": verdict.good,
        "first": verdict.low,
        "checked_from": verdict.start,
        "end": verdict.high,
        "signed": verdict.signed,
        "head": head and {"size": head.size, "time": head.time, "origin": head.origin, "witnesses": head.witnesses},
        "damage": [{"kind": each.kind, "offset": each.offset, "detail": each.detail} for each in verdict.damage],
    }
