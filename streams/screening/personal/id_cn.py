"""Chinese resident identity numbers: 18 places with region, date of birth and check character (GB 11643-1999)."""

from datetime import date

from streams.screening.detector import Rule, Rules
from streams.screening.digits import mod_11_2

_REGION = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{4}"
_BIRTH = r"(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9]"


def is_identity(span: str) -> bool:
    """Whether the date exists and the check character fits."""
    number = span.upper().replace(" ", "").replace("-", "")
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return number[17] == mod_11_2(number)


ID_CN = Rules(
    "id_cn",
    (
        Rule(
            "ID_CN",
            rf"{_REGION}[ -]?{_BIRTH}[ -]?[0-9]{{3}}[0-9Xx]",
            score=0.98,
            before="0-9",
            after="0-9",
            check=is_identity,
        ),
    ),
)
