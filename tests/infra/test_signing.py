import hmac
from hashlib import sha256

import pytest

from infra.keys import KeyRing, issue
from infra.signing import KEY_ID, SIGNATURE, sign, signing_key_of, verify
from schemas.cloudevents import Header, header
from schemas.errors import BadSignature, HeadraceError, KeyRevoked, Unauthenticated

MASTER = bytes(32)
ISSUED = issue("acme", ["requests"], MASTER)
SIGNING_KEY = signing_key_of(ISSUED.secret)
VALUE = '{"id":"r1","time":"2026-01-02T03:04:05Z","messages":[{"role":"user","content":"你好"}]}'.encode()
HEADERS: list[Header] = [("ce_id", b"r1"), ("content-type", b"application/json")]


@pytest.fixture
def ring() -> KeyRing:
    ring = KeyRing(MASTER)
    ring.apply(ISSUED.record)
    return ring


def test_the_bytes_are_those_of_the_description() -> None:
    """The vector for other languages; recomputed here with the standard library alone."""
    presented = "hr-0123456789ab-" + "00112233445566778899aabbccddeeff" * 2
    secret = presented.split("-", 2)[2].encode()
    extracted = hmac.new(bytes(32), secret, sha256).digest()
    derived = hmac.new(extracted, b"headrace record signature\x01", sha256).digest()
    assert derived.hex() == "979ea277542a916c2c2062d0093ea51e0a37036ebcbdb8abeea861b212c60c52"
    assert signing_key_of(presented) == derived
    signed = sign(VALUE, HEADERS, "0123456789ab", derived)
    assert header(signed, KEY_ID) == "0123456789ab"
    assert header(signed, SIGNATURE) == "245a8139d851349459600066abaaa5c8b2ac6c4b70040a67d777a8f87c0ba4a4"
    assert header(signed, SIGNATURE) == hmac.new(derived, b"v1\nr1\n" + VALUE, sha256).hexdigest()


@pytest.mark.parametrize("headers", [HEADERS, []])
def test_a_signed_record_names_its_key(ring: KeyRing, headers: list[Header]) -> None:
    assert verify(VALUE, sign(VALUE, headers, ISSUED.id, SIGNING_KEY), ring) == ISSUED.record


def test_signing_again_replaces(ring: KeyRing) -> None:
    forged = sign(b"other", HEADERS, "somebody", b"else")
    signed = sign(VALUE, forged, ISSUED.id, SIGNING_KEY)
    assert len(signed) == len(HEADERS) + 2
    assert verify(VALUE, signed, ring) == ISSUED.record


def test_what_is_not_signed_has_no_key(ring: KeyRing) -> None:
    assert verify(VALUE, HEADERS, ring) is None


SIGNED = sign(VALUE, HEADERS, ISSUED.id, SIGNING_KEY)


@pytest.mark.parametrize(
    ("value", "headers", "error"),
    [
        (VALUE + b" ", SIGNED, BadSignature),  # another value
        (b"", SIGNED, BadSignature),  # no value
        (VALUE, [*SIGNED, ("ce_id", b"r2")], BadSignature),  # the signature of another event
        (VALUE, SIGNED[1:], BadSignature),  # ce_id taken away
        (VALUE, SIGNED[:-1], BadSignature),  # a key id without a signature
        (VALUE, [*HEADERS, SIGNED[-1]], BadSignature),  # a signature without a key id
        (VALUE, [*SIGNED, (SIGNATURE, b"\xff")], BadSignature),  # not even text
        (VALUE, [*SIGNED, (SIGNATURE, "签名".encode())], BadSignature),  # text, not ASCII
        (VALUE, [*SIGNED, (SIGNATURE, b"")], BadSignature),  # empty
        (VALUE, [*SIGNED, (KEY_ID, b"nobody")], Unauthenticated),  # an unknown key
        (b"1\n" + VALUE, [("ce_id", b"r1\n1"), *SIGNED[1:]], BadSignature),  # the line moved into the id
        (VALUE, sign(VALUE, HEADERS, ISSUED.id, bytes(32)), BadSignature),  # another key's signature
    ],
)
def test_a_forged_record_is_refused(
    ring: KeyRing, value: bytes, headers: list[Header], error: type[HeadraceError]
) -> None:
    with pytest.raises(error) as caught:
        verify(value, headers, ring)
    assert type(caught.value) is error


def test_a_revoked_key_signs_no_more(ring: KeyRing) -> None:
    ring.apply(ISSUED.record.model_copy(update={"revoked": True}))
    with pytest.raises(KeyRevoked):
        verify(VALUE, SIGNED, ring)


@pytest.mark.parametrize("text", ["", "hr-1", "hr-1-", "sk-1-abc", "hr-1-密"])
def test_only_an_api_key_has_a_signing_key(text: str) -> None:
    with pytest.raises(Unauthenticated):
        signing_key_of(text)
