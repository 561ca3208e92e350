"""Hardware addresses of network cards (EUI-48), by colons, dashes or in three groups."""

from streams.screening.detector import Rule, Rules

_HEX = "[0-9A-Fa-f]"


def is_used(span: str) -> bool:
    """Not the same place throughout, as in the broadcast address."""
    return len({each for each in span if each.isalnum()}) > 1


def _mac(pattern: str) -> Rule:
    return Rule("MAC", pattern, score=0.9, before="0-9A-Za-z:-", after="0-9A-Za-z:-", check=is_used)


MAC = Rules(
    "mac",
    (
        _mac(rf"{_HEX}{{2}}(?::{_HEX}{{2}}){{5}}"),
        _mac(rf"{_HEX}{{2}}(?:-{_HEX}{{2}}){{5}}"),
        _mac(rf"{_HEX}{{4}}\.{_HEX}{{4}}\.{_HEX}{{4}}"),
        Rule(
            "MAC",
            rf"{_HEX}{{12}}",
            score=0.85,
            lead="[Mm][Aa][Cc](?: ?地址| ?[Aa]ddress)?[ :=是为]{0,3}",
            after="0-9A-Za-z",
            check=is_used,
        ),
    ),
)
