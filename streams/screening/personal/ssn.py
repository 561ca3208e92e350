"""United States social security numbers, without the areas, groups and serials that are never given out."""

from streams.screening.detector import Rule, Rules
from streams.screening.digits import digits
from streams.screening.personal.label import chinese, english

_GAP = r"[ .\-‐-―]"
_LABEL = english("ssn|ssns|ss|social security|social|soc sec|social insurance")


def is_ssn(span: str) -> bool:
    """Area not 000, 666 or from 900, group not 00, serial not 0000 (SSA, since 2011)."""
    number = digits(span)
    return number[:3] not in ("000", "666") and number[0] != "9" and number[3:5] != "00" and number[5:] != "0000"


SSN = Rules(
    "ssn",
    (
        Rule(
            "SSN",
            r"[0-9]{3}[\-‐-―][0-9]{2}[\-‐-―][0-9]{4}",
            score=0.85,
            before="0-9A-Za-z-",
            after="0-9A-Za-z-",
            check=is_ssn,
        ),
        Rule("SSN", r"[0-9]{3} [0-9]{2} [0-9]{4}", score=0.6, before="0-9A-Za-z.+ -", after="0-9A-Za-z-", check=is_ssn),
        Rule(
            "SSN",
            rf"[0-9]{{3}}{_GAP}?[0-9]{{2}}{_GAP}?[0-9]{{4}}",
            score=0.97,
            before="A-Za-z",
            after="0-9",
            lead=_LABEL,
            check=is_ssn,
        ),
        Rule(
            "SSN",
            rf"[0-9]{{3}}{_GAP}?[0-9]{{2}}{_GAP}?[0-9]{{4}}",
            score=0.97,
            after="0-9",
            lead=chinese("社会安全号|社安号|SSN"),
            check=is_ssn,
        ),
    ),
)
