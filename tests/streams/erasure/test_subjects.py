"""Whom a record is about: the user it names, else the key it came by."""

from typing import Any

import pytest

from schemas.registry import Key
from streams.admission.identity import Sender
from streams.erasure.subjects import who

KEY = Key(id="k1", tenant="acme", hash="0" * 64, sealed="", scopes=("requests",))
SIGNED, GATEWAY = Sender("acme", "signature", key=KEY), Sender("acme", "gateway", key=KEY)
ANONYMOUS = Sender("acme", "default tenant")


@pytest.mark.parametrize(
    ("sender", "body", "expected"),
    [
        (ANONYMOUS, {"user": "alice"}, "alice"),
        (ANONYMOUS, {"user": "爱丽丝"}, "爱丽丝"),
        (ANONYMOUS, {}, None),
        (ANONYMOUS, {"user": ""}, None),
        (ANONYMOUS, {"user": 7}, None),  # refused later, for its type
        (ANONYMOUS, {"on_behalf_of": "k2"}, None),  # counts from the gateway only
        (SIGNED, {}, "k1"),
        (SIGNED, {"user": "alice"}, "alice"),
        (SIGNED, {"on_behalf_of": "k2"}, "k1"),
        (GATEWAY, {"on_behalf_of": "k2"}, "k2"),
        (GATEWAY, {"on_behalf_of": "k2", "user": "alice"}, "alice"),
        (GATEWAY, {}, None),  # the gateway's own key is nobody's
    ],
)
def test_who(sender: Sender, body: dict[str, Any], expected: str | None) -> None:
    assert who(sender, body) == expected
