from ipaddress import ip_network

import pytest

from streams.gateway.address import client, parsed, pseudonym

PROXIES = [ip_network(each) for each in ("10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["1.2.3.4"], "203.0.113.9"),  # no proxy of ours: what it says is anybody's to say
        ("10.1.1.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.1.1.1", ["1.2.3.4, 203.0.113.9"], "203.0.113.9"),  # the left end is the client's to write
        ("10.1.1.1", ["1.2.3.4, 203.0.113.9, 10.2.2.2"], "203.0.113.9"),  # two proxies
        ("10.1.1.1", ["1.2.3.4", "203.0.113.9"], "203.0.113.9"),  # two headers
        ("10.1.1.1", [], "10.1.1.1"),
        ("10.1.1.1", ["10.3.3.3"], "10.3.3.3"),
        ("10.1.1.1", ["203.0.113.9, unknown"], "10.1.1.1"),  # a hop that says nothing
        ("10.1.1.1", ["203.0.113.9:4711"], "203.0.113.9"),
        ("2001:db8:1::5", ["[2001:db8:9::7]:443"], "2001:db8:9::7"),
        ("::ffff:10.1.1.1", ["203.0.113.9"], "203.0.113.9"),
        (None, ["203.0.113.9"], None),  # a Unix socket
        ("10.1.1.1", [", ".join(["10.0.0.1"] * 10_000)], "10.0.0.1"),
    ],
)
def test_who_calls(peer: str | None, forwarded: list[str], expected: str | None) -> None:
    assert client(peer, forwarded, PROXIES) == (parsed(expected) if expected else None)


def test_an_address_is_known_by_a_pseudonym() -> None:
    one, other = parsed("203.0.113.9"), parsed("203.0.113.10")
    assert one
    assert other
    assert len({pseudonym(one, b"k"), pseudonym(other, b"k"), pseudonym(one, b"l")}) == 3
    assert pseudonym(one, b"k") == pseudonym(one, b"k")
    assert len(pseudonym(one, b"k")) == 16


def test_an_ipv6_subscriber_is_one_client() -> None:
    near, far = parsed("2001:db8::1"), parsed("2001:db8:0:1::1")
    again = parsed("2001:db8::ffff:1")
    assert near
    assert far
    assert again
    assert pseudonym(near, b"k") == pseudonym(again, b"k") != pseudonym(far, b"k")
