"""Heads as signed notes: which are believed."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import timedelta

import pytest

from streams.audit.verifier.notes import MAX_NOTE, NoteError, PublicKey, open_note
from streams.audit.verifier.proofs import EMPTY
from tests.streams.audit.verifier.signing import BEGIN, LOG, ORIGIN, Signer, body_of, note_of

BODY = body_of(0, EMPTY, BEGIN, None)
OTHER = Signer("log.example/2026", seed=2)
WITNESS = Signer("witness.example", "witness", seed=3)


def test_what_a_note_says() -> None:
    head = open_note(note_of(BODY, LOG, WITNESS), [LOG.public(), WITNESS.public()])

    assert (head.origin, head.size, head.root, head.time, head.previous) == (ORIGIN, 0, EMPTY, BEGIN, None)
    assert (head.signer, head.witnesses, head.topic) == (LOG.name, (WITNESS.name,), "t1")


def test_the_example_of_the_signed_note_format() -> None:
    """That of Go's sumdb/note, where the format comes from."""
    key = PublicKey("PeterNeumann", b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:])
    text = b"If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    raw = b64decode(line)

    assert (key.id.hex(), raw[:4]) == ("c74f20a3", key.id)
    assert key.verifies(raw[4:], text)


@pytest.mark.parametrize(
    ("note", "keys", "why"),
    [
        (note_of(BODY, OTHER), [LOG.public()], "unknown key"),  # the name is right, the key is not
        (note_of(BODY, WITNESS), [WITNESS.public()], "unknown key"),  # a witness alone is no log
        (note_of(BODY), [], "unknown key"),
        (note_of(BODY), [LOG.public(since=BEGIN + timedelta(1))], "not valid"),  # signed before the key was
        (note_of(BODY), [LOG.public(until=BEGIN - timedelta(1))], "not valid"),  # a key that was put away
        (note_of(BODY).replace(b"\n0\n", b"\n1\n"), [LOG.public()], "unknown key"),  # another size
        (BODY, [LOG.public()], "an empty line"),
        (BODY + b"\nno signature\n", [LOG.public()], "a signature is"),
        (BODY + "\n\u2014 log.example/2026 !!\n".encode(), [LOG.public()], "base64"),
        (b"x" * (MAX_NOTE + 1), [LOG.public()], "at most"),
    ],
)
def test_notes_that_are_not_believed(note: bytes, keys: list[PublicKey], why: str) -> None:
    with pytest.raises(NoteError, match=why):
        open_note(note, keys)


@pytest.mark.parametrize(
    "change",
    [
        lambda body: body.replace(b"\n0\n", b"\n-1\n"),
        lambda body: body.replace(b"\n0\n", b"\n00\n"),
        lambda body: body.replace(b"\n0\n", b"\n9223372036854775808\n"),
        lambda body: body.replace(b64encode(EMPTY), b64encode(EMPTY[:-1])),
        lambda body: body.replace(b"time 2026", b"time then"),
        lambda body: body.replace(b"+00:00", b""),
        lambda body: body.replace(b"previous -\n", b""),
        lambda body: b"\xff" + body,
        lambda body: b"\n",
    ],
)
def test_bodies_that_say_nothing(change: Callable[[bytes], bytes]) -> None:
    """Signed by the right key, too: a key that signs anything proves nothing."""
    with pytest.raises(NoteError):
        open_note(note_of(change(BODY)), [LOG.public()])


def test_keys_overlap() -> None:
    """While keys change, a head has the signatures of both, and either will do."""
    new = Signer("log.example/2027", seed=4)
    note = note_of(BODY, LOG, new)
    for known in ([LOG.public()], [new.public()], [LOG.public(until=BEGIN - timedelta(1)), new.public()]):
        assert open_note(note, known).root == EMPTY
