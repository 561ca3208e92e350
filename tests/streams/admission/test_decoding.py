import pytest

from infra.settings import LimitSettings
from schemas.errors import InvalidField, InvalidJson, TooLarge
from schemas.requests import Request
from streams.admission.decoding import content_digest, decode, identify, parse
from tests.streams.making import record

LIMITS = LimitSettings(record_bytes=1024)
CHAT = {"messages": [{"role": "user", "content": "你好"}]}


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (b"", InvalidJson),
        (b"null", InvalidJson),  # JSON, but no object
        (b'"{}"', InvalidJson),
        (b"{} {}", InvalidJson),  # two of them
        (b'{"a": NaN}', InvalidJson),
        (b'\xef\xbb\xbf{"a": 1}', InvalidJson),  # a byte order mark (RFC 8259, 8.1)
        (b'{"a": "\xff"}', InvalidJson),  # no UTF-8
        (b"[" * 1000, InvalidJson),
        (b"{" + b" " * 1024, TooLarge),  # not even parsed
    ],
)
def test_what_is_no_object_is_said(value: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse(record(value), LIMITS)


def test_an_object_is_parsed() -> None:
    assert parse(record(CHAT), LIMITS) == CHAT


@pytest.mark.parametrize(
    ("body", "ce_id", "expected"),
    [
        ({"id": "mine"}, b"header", "mine"),  # the body's goes first
        ({}, b"header", "header"),
        ({"id": None}, b"header", "header"),
        ({"id": 7}, b"header", "header"),  # no text: the error is answered under what there is
        ({"id": "spaces in it"}, b"header", "header"),
        ({"id": "x" * 201}, b"header", "header"),
        (None, b"header", "header"),
    ],
)
def test_where_the_id_comes_from(body: dict[str, object] | None, ce_id: bytes, expected: str) -> None:
    assert identify(record(ce_id=ce_id), body) == expected


def test_a_record_without_an_id_gets_one_from_its_place_or_its_signature() -> None:
    here, again, there = record(), record(b"other"), record(offset=8)
    assert identify(here, None) == identify(again, {}) != identify(there, None)
    replayed = [identify(record(offset=offset, headrace__signature=b"abc"), None) for offset in (1, 2)]
    assert replayed[0] == replayed[1]
    assert identify(record(ce_id=b"\xff"), None) == identify(record(), None)  # no text at all


def test_headers_fill_what_the_body_leaves_out() -> None:
    sent = record(CHAT, ce_id=b"from-header", traceparent=b"00-a-b-01")
    filled = decode(sent, CHAT, Request)
    assert (filled.id, filled.trace) == ("from-header", "00-a-b-01")
    kept = decode(sent, {**CHAT, "id": "mine", "trace": "t"}, Request)
    assert (kept.id, kept.trace) == ("mine", "t")


@pytest.mark.parametrize(
    ("changes", "param", "says"),
    [
        ({"messages": []}, None, "request: Value error, a chat request needs 'messages'"),
        ({"max_tokens": 0, "top_p": 2}, "max_tokens", "(and 1 more)"),  # the first, and how many others
        ({"messages": [{"role": "user"}]}, "messages.0.content", "Field required"),
    ],
)
def test_errors_name_the_field(changes: dict[str, object], param: str | None, says: str) -> None:
    with pytest.raises(InvalidField) as caught:
        decode(record(), {**CHAT, **changes}, Request)
    assert caught.value.param == param
    assert says in caught.value.message


def test_errors_do_not_repeat_what_was_sent() -> None:
    with pytest.raises(InvalidField) as caught:
        decode(record(), {**CHAT, "temperature": "my secret"}, Request)
    assert "secret" not in caught.value.message


def test_a_digest_is_of_the_content_alone() -> None:
    one = Request.model_validate({**CHAT, "id": "a", "tenant": "acme", "trace": "t"})
    same = Request.model_validate({**CHAT, "id": "b", "temperature": 0.0, "on_behalf_of": "key"})
    other = Request.model_validate({**CHAT, "id": "a", "temperature": 0.5})
    assert content_digest(one) == content_digest(same) != content_digest(other)
    assert len(content_digest(one)) == 64
