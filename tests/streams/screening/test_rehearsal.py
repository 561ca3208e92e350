"""What a policy would change, told before it is live."""

import io

import orjson

from schemas.policies import PolicyDocument
from streams.screening.rehearsal import Rehearsal


def document(card: str, acme: str) -> PolicyDocument:
    return PolicyDocument.model_validate(
        {
            "name": "test",
            "routing": {"default": "echo"},
            "screening": {"actions": {"prompt": {"CREDIT_CARD": card}}},
            "tenants": {"acme": {"screening": {"actions": {"prompt": {"CREDIT_CARD": acme}}}}},
        }
    )


def test_changes_are_counted_by_tenant() -> None:
    card = "4111111111111111"
    made = Rehearsal(document("redact", "redact"), document("block", "redact"))
    lines: list[dict[str, object]] = [
        {"id": "a", "messages": [{"role": "user", "content": card}]},
        {"id": "b", "messages": [{"role": "user", "content": card}], "tenant": "acme"},
        {"id": "c", "text": card},
        {"id": "d", "text": "hello"},
        {"nothing": 1},
    ]
    made.lines(io.BytesIO(b"\n".join([*map(orjson.dumps, lines), b"", b"no json"])))
    assert (made.seen, made.unread) == (4, 2)
    assert dict(made.changes) == {("none", "redact", "block"): 2}
    assert made.examples == {("none", "redact", "block"): ["a", "c"]}
