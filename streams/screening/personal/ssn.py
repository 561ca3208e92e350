"""United States social security numbers, without the areas, groups and serials that are never given out."""

from streams.screening.detector import Rule, Rules
from streams.screening.digits import digits


def is_ssn(span: str) -> bool:
    """Area not 000, 666 or from 900, group not 00, serial not 0000 (SSA, since 2011)."""
    number = digits(span)[-9:]
    return number[:3] not in ("000", "666") and number[0] != "9" and number[3:5] != "00" and number[5:] != "0000"


SSN = Rules(
    "ssn",
    (
        Rule("SSN", r"[0-9]{3}-[0-9]{2}-[0-9]{4}", score=0.85, before="0-9-", after="0-9-", check=is_ssn),
        Rule(
            "SSN",
            r"(?:ssn|social security|社会安全号)(?: number| no\.?|码)?(?:[ :=#]| is|是|为){0,3}"
            r"[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{4}",
            score=0.9,
            after="0-9",
            ignore_case=True,
            check=is_ssn,
        ),
    ),
)
