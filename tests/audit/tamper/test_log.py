"""What somebody who can speak to Kafka, or who has a key, can do to a log is named."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.broker import KafkaPublisher, ensure_topics
from infra.kafka import EmbeddedKafka
from infra.keys import master_key
from infra.settings import Settings
from infra.topics import Names
from schemas.base import now
from schemas.errors import WrongMasterKey
from streams.audit.folders import LocalFolder, below
from streams.audit.live import FRONTIER, Published, key_of
from streams.audit.process import hashes_of, resume_of
from streams.audit.signing import SigningKey, SigningKeys, Writer
from streams.audit.verifier.notes import parse_body, split_note
from streams.audit.witnesses.server import WitnessServer
from streams.cli.heads import trust_of
from tests.audit.tamper.conftest import COUNT, MakeLog, Signed, grow
from tests.audit.tamper.refusals import refusal

Kinds = list[tuple[str, int | None]]


def kinds(log: Signed, **how: Any) -> Kinds:
    return [(each.kind, each.offset) for each in log.verdict(**how).damage]


def publish(settings: Settings, topic: str, value: bytes, **how: Any) -> None:
    async def say() -> None:
        publisher = KafkaPublisher(settings.kafka, client_id="test")
        await publisher.start()
        await publisher.publish(Names(settings.kafka)(topic), value, **how)
        await publisher.stop()

    asyncio.run(say())


async def admin(settings: Settings, order: Callable[[AIOKafkaAdminClient], Any]) -> None:
    client = AIOKafkaAdminClient(bootstrap_servers=settings.kafka.servers)
    await client.start()
    try:
        await order(client)
    finally:
        await client.close()


def head_of(log: Signed, size: int) -> Published:
    """The newest head of that size."""
    heads = [each for each in log.log.heads(0) if parse_body(split_note(each.note)[0]).size == size]
    return heads[-1]


def signed_anew(log: Signed, note: bytes, edit: Callable[[list[str]], None], keys: Sequence[SigningKey] = ()) -> bytes:
    """A note whose lines were changed, and that is signed by the log's own keys, or by others."""
    lines = split_note(note)[0].decode().splitlines()
    edit(lines)
    body = "".join(f"{line}\n" for line in lines).encode()
    signers = keys or SigningKeys(log.settings.state / "audit-keys").all()
    return body + b"\n" + b"".join(key.line(body) for key in signers)


def put(log: Signed, note: bytes) -> None:
    publish(log.settings, "checkpoints", note, key=key_of(log.log.topic, 0), headers=[(FRONTIER, b"")])


def line(start: str, text: str) -> Callable[[list[str]], None]:
    """Replaces the line that begins so."""

    def edit(lines: list[str]) -> None:
        at = next(at for at, each in enumerate(lines) if each.startswith(start))
        lines[at] = f"{start}{text}"

    return edit


def root(text: str) -> Callable[[list[str]], None]:
    def edit(lines: list[str]) -> None:
        lines[2] = text

    return edit


def test_a_stranger_is_named_before_and_after_it_is_signed_over(make_log: MakeLog) -> None:
    log = make_log("stranger")
    publish(log.settings, "audit", b'{"action":"release"}', key="x")
    publish(log.settings, "audit", b"forged", headers=[Writer(b"?" * 32).header(b"forged")])

    assert kinds(log) == [("stranger", COUNT), ("stranger", COUNT + 1)]
    asyncio.run(grow(log.settings, 50))
    assert kinds(log) == [("stranger", COUNT), ("stranger", COUNT + 1)]
    assert kinds(log, hashes=False) == [("stranger", COUNT), ("stranger", COUNT + 1)]


def test_a_topic_that_was_made_again(make_log: MakeLog) -> None:
    log = make_log("recreated")
    asyncio.run(admin(log.settings, lambda client: client.delete_topics([log.log.topic])))
    time.sleep(0.5)  # Kafka deletes topics by and by
    asyncio.run(ensure_topics(log.settings))

    assert [kind for kind, _ in kinds(log)] == ["recreated", "truncated"]
    assert "deleted and made again" in str(refusal(log.settings).error)


def test_retention_that_took_what_was_to_be_kept(make_log: MakeLog) -> None:
    log = make_log("retention")
    delete = {TopicPartition(log.log.topic, 0): RecordsToDelete(120)}
    asyncio.run(admin(log.settings, lambda client: client.delete_records(delete)))

    assert kinds(log) == [("truncated", 0)]
    assert kinds(log, hashes=False) == [("truncated", 0)]
    in_time = replace(trust_of(log.settings), keep_s=0.0)
    assert kinds(log, trust=in_time) == []
    without = log.verdict(trust=in_time, hashes=False)
    assert (without.good, without.low, without.start) == (True, 120, 150)
    asyncio.run(grow(log.settings, 50))  # signing goes on
    assert log.verdict(trust=in_time).signed == COUNT + 50


def test_two_heads_of_one_size(make_log: MakeLog) -> None:
    log = make_log("forked")
    forged = signed_anew(log, head_of(log, COUNT).note, root("A" * 43 + "="))

    assert kinds(log, elsewhere=(Published(forged, (), "a witness"),))[0] == ("forked", None)
    put(log, forged)
    assert ("forked", None) in kinds(log)


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (line("time ", "BEFORE"), "clock stepped back"),
        (line("topic ", "other"), "recreated"),
        (line("previous ", "A" * 43 + "="), "head missing"),
        (line("headrace/", "0000/t.audit/0"), "broken head"),
    ],
)
def test_heads_that_do_not_go_on(
    make_log: MakeLog, edit: Callable[[list[str]], None], kind: str, request: pytest.FixtureRequest
) -> None:
    log = make_log(f"heads-{request.node.callspec.indices['kind']}-{kind.replace(' ', '')}", 100)
    before = parse_body(split_note(head_of(log, 50).note)[0]).time.isoformat().encode()
    own = SigningKeys(log.settings.state / "audit-keys").all()
    body = split_note(signed_anew(log, head_of(log, 100).note, edit))[0].replace(b"BEFORE", before)
    put(log, body + b"\n" + own[0].line(body))

    assert kind in [found for found, _ in kinds(log)]


def test_an_old_head_as_the_newest(make_log: MakeLog) -> None:
    """On the log itself, and to an auditor who holds a newer one."""
    log = make_log("replayed")
    newest = head_of(log, COUNT)
    put(log, head_of(log, 150).note)
    assert ("replayed", None) in kinds(log)

    other = make_log("replayed-elsewhere", 100)
    later = signed_anew(other, head_of(other, 100).note, lambda lines: lines.__setitem__(1, "150"))
    found = kinds(other, elsewhere=(Published(later, (), "an auditor"),))
    assert ("replayed", None) in found
    assert ("truncated", 100) in found
    assert newest.note != later


def test_a_swapped_key(make_log: MakeLog) -> None:
    log = make_log("swapped", 100)
    others = SigningKeys(log.settings.state / "others")
    others.begin()
    put(log, signed_anew(log, head_of(log, 100).note, lambda lines: None, others.all()))
    assert kinds(log) == [("unknown key", None)]

    theirs = replace(trust_of(log.settings), keys=tuple(key.public for key in others.all()))
    assert {kind for kind, _ in kinds(log, trust=theirs)} >= {"unknown key"}
    asyncio.run(grow(log.settings, 50))  # a note that is nobody's does not stop us
    assert log.verdict().signed == 150


def test_a_head_that_the_witness_did_not_sign(make_log: MakeLog) -> None:
    log = make_log("unwitnessed", 100)
    trust = trust_of(log.settings)
    folder = LocalFolder(log.settings.state / "witness")
    witness = WitnessServer("w.example.com", Ed25519PrivateKey.generate(), trust.keys, folder)
    demanding = replace(trust, keys=(*trust.keys, witness.public), quorum=1)
    assert kinds(log, trust=demanding) == [("not witnessed", None)]

    note = head_of(log, 100).note
    put(log, note + witness.add(b"old 0\n\n" + note))
    assert kinds(log, trust=demanding) == []


def test_notes_that_are_none(make_log: MakeLog) -> None:
    log = make_log("notes", 100)
    for junk in (b"", b"junk", b"\xff" * 100, b"a\n" * 70_000):
        put(log, junk)

    assert {kind for kind, _ in kinds(log)} == {"broken head"}
    assert len(kinds(log)) == 4


def test_a_log_that_is_signed_no_more(make_log: MakeLog) -> None:
    log = make_log("unsigned", 100)
    signature = Writer(bytes(32)).header(b"x")
    publish(log.settings, "audit", b"x", headers=[signature])

    assert ("unsigned", 100) in kinds(log, after=timedelta(hours=1))
    assert "unsigned" not in [kind for kind, _ in kinds(log)]
    assert "clock stepped back" in [kind for kind, _ in kinds(log, after=-timedelta(hours=1))]


def test_a_log_without_any_head(broker: EmbeddedKafka, make_log: MakeLog) -> None:
    log = make_log("headless", 50)
    asyncio.run(admin(log.settings, lambda client: client.delete_topics([log.log.checkpoints])))
    time.sleep(0.5)
    asyncio.run(ensure_topics(log.settings))

    assert ("unsigned", 0) in kinds(log)
    assert "heads that were signed of them are gone" in str(refusal(log.settings).error)


def test_a_missing_key_signs_nothing(make_log: MakeLog) -> None:
    """A second log would begin, and nobody would see that the first one ended."""
    log = make_log("keyless", 50)
    for path in (log.settings.state / "audit-keys").iterdir():
        path.unlink()

    assert "put them back" in str(refusal(log.settings).error)
    with pytest.raises(WrongMasterKey):
        trust_of(log.settings)


def test_another_master_key_makes_strangers(make_log: MakeLog) -> None:
    log = make_log("master", 50)
    (log.settings.state / "master-key").write_text("ab" * 32)
    asyncio.run(grow(log.settings, 50))

    assert kinds(log) == []  # who signs heads saw that all were written by the platform of their time
    assert kinds(log, signatures=True) == [("stranger", offset) for offset in range(50)]


def test_hashes_that_are_lost_are_made_anew(make_log: MakeLog) -> None:
    """From the log, when all of it is there."""
    log = make_log("lost", 100)
    for path in (log.settings.state / "audit").rglob("tile/0/*"):
        if path.is_file():
            path.unlink()
    asyncio.run(grow(log.settings, 50))

    assert kinds(log) == []
    assert log.verdict().signed == 150


def test_killed_between_append_and_sign(make_log: MakeLog) -> None:
    """Hashes were written and a head was signed that nobody saw: the next signer goes on from the last one seen."""
    log = make_log("killed", 100)
    writer = Writer(master_key(log.settings))
    for number in range(30):
        value = b'{"action":"admission","id":"k%d"}' % number
        publish(log.settings, "audit", value, headers=[writer.header(value)])
    resume = resume_of(log.settings)
    notary = resume(0, below(hashes_of(log.settings), resume.origin(0).removeprefix("headrace/")), now())
    assert notary.sign(resume.keys.all(), now()).head.size == 130

    asyncio.run(grow(log.settings, 50))
    assert kinds(log) == []
    assert log.verdict().signed == 180


def test_a_good_log_is_good(make_log: MakeLog) -> None:
    log = make_log("good")
    verdict = log.verdict()

    assert verdict.good
    assert (verdict.low, verdict.high, verdict.signed, verdict.unsigned) == (0, COUNT, COUNT, 0)
    assert verdict.head
    assert now() - verdict.head.time < timedelta(minutes=5)
    assert isinstance(verdict.head.time, datetime)
    assert log.verdict(hashes=False).good
    witnessed = tuple(log.log.heads(0))
    assert log.verdict(elsewhere=witnessed).good
