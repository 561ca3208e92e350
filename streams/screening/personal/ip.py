"""Internet addresses. Private, loopback and reserved ones say little about anyone and score low; versions are none."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from streams.screening.detector import Rule, Rules

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_V6 = rf"(?:[0-9A-Fa-f]{{1,4}}:|::)(?:[0-9A-Fa-f]{{0,4}}:){{1,7}}(?:{_V4}|[0-9A-Fa-f]{{1,4}})?|::1"


def address(span: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(span)
    except ValueError:
        return None


def is_global(span: str) -> bool:
    """Whether the address is one that routers pass on."""
    found = address(span)
    return found is not None and found.is_global and _is_meant(span)


def is_local(span: str) -> bool:
    found = address(span)
    return found is not None and not found.is_global and _is_meant(span)


def _is_meant(span: str) -> bool:
    """Not ``a::b`` of a program: an IPv6 address in short form has three groups or a well-known beginning."""
    groups = [each for each in span.split(":") if each]
    return (
        ":" not in span or len(groups) > 2 or span == "::1" or span[:2].lower() in ("20", "fe", "fd", "fc", "26", "2a")
    )


def _both(pattern: str, before: str) -> tuple[Rule, Rule]:
    return (
        Rule("IP", pattern, score=0.85, before=before, after="0-9A-Za-z_:", check=is_global),
        Rule("IP", pattern, score=0.6, before=before, after="0-9A-Za-z_:", check=is_local),
    )


def _ported() -> tuple[Rule, Rule]:
    return (
        Rule(
            "IP",
            _V4,
            score=0.9,
            before="0-9A-Za-z_.-",
            check=is_global,
            trail="(?::[0-9]{1,5}|/[0-9]{1,2})",
            after="0-9A-Za-z_",
        ),
        Rule(
            "IP",
            _V4,
            score=0.6,
            before="0-9A-Za-z_.-",
            check=is_local,
            trail="(?::[0-9]{1,5}|/[0-9]{1,2})",
            after="0-9A-Za-z_",
        ),
    )


IP = Rules("ip", (*_both(_V4, "0-9A-Za-z_.-"), *_ported(), *_both(_V6, "0-9A-Za-z:.")))
