"""What is signed, when, and what is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.errors import AuditDamaged, WrongMasterKey
from streams.audit.folders import LocalFolder
from streams.audit.notary import Notary, Rhythm
from streams.audit.signing import SigningKeys, Writer, signature_of
from streams.audit.tiles import Tiles
from streams.audit.verifier.log import Check, Entry, check_heads
from streams.audit.verifier.notes import Head, open_note
from streams.audit.verifier.proofs import Frontier
from streams.audit.verifier.trust import Trust, load_trust

WRITER = Writer(bytes(32))
RHYTHM = Rhythm(10, timedelta(seconds=5), timedelta(minutes=5))
ORIGIN = "headrace/test/headrace.audit/0"


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    keys = SigningKeys(tmp_path / "keys")
    keys.begin()
    return keys


@pytest.fixture
def notary(tmp_path: Path) -> Notary:
    return Notary(ORIGIN, "t1", Tiles(LocalFolder(tmp_path / "tiles")), None, WRITER, RHYTHM)


def entry(offset: int, *, ours: bool = True) -> Entry:
    value = b"%d" % offset
    return Entry(offset, value, signature_of([WRITER.header(value)]) if ours else b"")


def later(seconds: float = 0) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


def test_heads_go_on_from_one_another(notary: Notary, keys: SigningKeys) -> None:
    public = [key.public for key in keys.all()]
    heads, entries = list[Head](), list[Entry]()
    for size in (3, 3, 17):
        for offset in range(notary.size, size):
            entries.append(entry(offset))
            assert notary.see(entries[-1], later())
        signed = notary.sign(keys.all(), later(len(heads) + 1))
        notary.published(signed)
        heads.append(open_note(signed.note, public))
        assert Frontier(signed.head.size, signed.frontier).root() == signed.head.root

    assert [head.size for head in heads] == [3, 3, 17]
    assert list(check_heads(heads)) == []
    check = Check(heads)
    assert [*check.see(entries, [WRITER.public]), *check.end()] == []
    assert check.signed == 17


@pytest.mark.parametrize(
    ("records", "seconds", "due"), [(0, 0, False), (0, 301, True), (1, 0, False), (1, 6, True), (10, 0, True)]
)
def test_when_a_head_is_due(notary: Notary, keys: SigningKeys, records: int, seconds: float, due: bool) -> None:
    notary.see(entry(0), later())
    assert notary.due(later())  # the first one at once
    notary.published(notary.sign(keys.all(), later()))
    for offset in range(1, 1 + records):
        notary.see(entry(offset), later())

    assert notary.due(later(seconds)) is due


@pytest.mark.parametrize("offset", [0, 2])
def test_records_that_are_missing_or_come_again_are_not_signed_over(notary: Notary, offset: int) -> None:
    notary.see(entry(0), later())
    with pytest.raises(AuditDamaged, match=f"offset {offset} comes after 0"):
        notary.see(entry(offset), later())


def test_strangers_are_counted_in_the_head(notary: Notary, keys: SigningKeys) -> None:
    assert notary.see(entry(0), later())
    assert not notary.see(entry(1, ours=False), later())
    assert not notary.see(Entry(2, b"2", signature_of([Writer(b"x" * 32).header(b"2")])), later())

    assert notary.sign(keys.all(), later()).head.strangers == 2


def test_a_clock_that_stepped_back_signs_nothing(notary: Notary, keys: SigningKeys) -> None:
    notary.see(entry(0), later())
    notary.published(notary.sign(keys.all(), later(60)))

    with pytest.raises(AuditDamaged, match="the clock stepped back"):
        notary.sign(keys.all(), later(59))
    notary.sign(keys.all(), later(61))


def test_a_tree_that_does_not_go_on_is_not_signed(notary: Notary, keys: SigningKeys) -> None:
    """Whether it is what is in memory or what was written that is not what it was."""
    for offset in range(20):
        notary.see(entry(offset), later())
    notary.published(notary.sign(keys.all(), later()))
    notary.see(entry(20), later())
    row = notary.tiles._rows[0]
    row[3] ^= 1
    with pytest.raises(AuditDamaged, match="the tree of 21 does not go on from the head of 20"):
        notary.sign(keys.all(), later(1))
    row[3] ^= 1
    assert notary.last
    notary.published(notary.sign(keys.all(), later(1)))

    notary.last = replace(notary.last, root=bytes(32))
    with pytest.raises(AuditDamaged, match="does not go on from the head of 21"):
        notary.sign(keys.all(), later(2))


def test_a_writer_knows_what_it_wrote() -> None:
    """Remembered or not: the same signature over another value is a stranger's."""
    signature = signature_of([WRITER.header(b"said")])
    assert not WRITER.wrote(b"other", signature)
    assert WRITER.wrote(b"said", signature)  # not remembered any more, and signed again
    WRITER.header(b"said")
    assert WRITER.wrote(b"said", signature)
    assert not WRITER.wrote(b"said", b"")
    assert Writer(bytes(32)).wrote(b"said", signature)
    assert not Writer(b"x" * 32).wrote(b"said", signature)


def test_what_a_writer_remembers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streams.audit.signing.REMEMBERED", 10)
    writer = Writer(bytes(32))
    made = [(b"%d" % number, signature_of([writer.header(b"%d" % number)])) for number in range(25)]

    assert len(writer._made) <= 10
    assert all(writer.wrote(value, signature) for value, signature in made)


def test_keys_rotate_with_an_overlap(notary: Notary, keys: SigningKeys) -> None:
    notary.see(entry(0), later())
    old = keys.all()[0].public
    new = keys.rotate(timedelta(seconds=100)).public

    both = notary.sign(keys.all(), later(1)).note
    assert open_note(both, [old]).signer == open_note(both, [new]).signer == old.name == new.name
    alone = notary.sign(keys.all(), later(200)).note
    assert open_note(alone, [new])
    with pytest.raises(ValueError, match="unknown key"):
        open_note(alone, [old])
    assert [key.until is None for key in keys.all()] == [False, True]
    assert (keys.folder.stat().st_mode & 0o077, [path.stat().st_mode & 0o077 for path in keys.folder.iterdir()]) == (
        0,
        [0, 0],
    )


def test_a_new_log_has_another_name(keys: SigningKeys) -> None:
    before = keys.log
    keys.begin()

    assert keys.log != before
    assert len({key.public.name for key in keys.all()}) == 2
    assert len([key for key in keys.all() if key.valid(later(1))]) == 1


def test_no_valid_key_signs_nothing(notary: Notary, keys: SigningKeys, tmp_path: Path) -> None:
    notary.see(entry(0), later())
    with pytest.raises(AuditDamaged, match="no key"):
        notary.sign([], later())
    with pytest.raises(WrongMasterKey, match="put it back"):
        _ = SigningKeys(tmp_path / "none").log
    next(keys.folder.iterdir()).write_text("{}")
    with pytest.raises(WrongMasterKey, match="is no key"):
        keys.all()


def test_trust_travels_as_a_file(keys: SigningKeys) -> None:
    keys.rotate(timedelta(days=1))
    trust = Trust((*(key.public for key in keys.all()), WRITER.public), keep_s=60.0)

    assert load_trust(trust.dump().encode()) == trust
    assert [key.role for key in trust.writers] == ["writer"]
    for bad in (b"", b"{}", b'{"keys": []}', b'{"keys": [{"name": "a", "role": "checkpoint", "key": "AAAA"}]}', b"[1]"):
        with pytest.raises(ValueError, match="key"):
            load_trust(bad)


@pytest.mark.parametrize("quorum", [-1, 2])
def test_a_quorum_that_no_witnesses_can_make(keys: SigningKeys, quorum: int) -> None:
    witness = replace(WRITER.public, role="witness")
    trust = Trust((*(key.public for key in keys.all()), witness), quorum=1)

    assert load_trust(trust.dump().encode()) == trust
    with pytest.raises(ValueError, match="quorum"):
        load_trust(replace(trust, quorum=quorum).dump().encode())


def test_the_writer_is_whoever_has_the_master_key() -> None:
    name, signature = WRITER.header(b"value")
    raw = signature_of([("other", b"x"), (name, signature)])

    assert WRITER.wrote(b"value", raw)
    assert WRITER.public.verifies(raw, b"value")
    assert not WRITER.wrote(b"other", raw)
    assert not Writer(b"\1" * 32).wrote(b"value", raw)
    for headers in ([], [(name, b"not base64!")], [(name, b"")]):
        assert not WRITER.wrote(b"value", signature_of(headers))
