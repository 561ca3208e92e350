"""Where a request over HTTP comes from, as far as that can be trusted.

``X-Forwarded-For`` is anybody's to write, so it counts only as far as trusted proxies wrote it: from its right end,
over proxies of the settings, to the first address that is none.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
MOST_HOPS = 16
IPV6_PREFIX = 64
"""A subscriber has a network of this size, and so as many addresses as they like."""


def client(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """The address of a client: the peer's, or what trusted proxies say of it. ``forwarded`` are the values of
    ``X-Forwarded-For``; ``None`` when there is no address, as on a Unix socket."""
    found = parsed(peer or "")
    hops = [hop for value in forwarded for hop in value.split(",")][-MOST_HOPS:]
    while found and hops and _among(found, trusted):
        further = parsed(hops.pop())
        if further is None:
            break
        found = further
    return found


def parsed(text: str) -> Address | None:
    """An address, also with a port or in brackets."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def pseudonym(address: Address, signing_key: bytes) -> str:
    """16 hexadecimal digits for an address, or for the network of an IPv6 one, that nobody without the caller's key can
    tell it from."""
    known = str(ip_network((address, IPV6_PREFIX), strict=False)) if address.version == 6 else str(address)
    return hmac.digest(signing_key, b"headrace address\n" + known.encode(), sha256).hex()[:16]


def _among(address: Address, trusted: Sequence[Network]) -> bool:
    return any(address.version == each.version and address in each for each in trusted)
