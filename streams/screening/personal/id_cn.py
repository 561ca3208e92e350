"""Chinese resident identity numbers: 18 places with region, date of birth and check character (GB 11643-1999), also
mistyped behind their label, and the 15 places of before 1999 behind it."""

from streams.screening.detector import Rule, Rules
from streams.screening.digits import mod_11_2
from streams.screening.personal.checksums import is_date
from streams.screening.personal.label import chinese

_REGION = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{4}"
_GAP = r"[ .\-‐-―]?"
_BIRTH = rf"(?:18|19|20)[0-9]{{2}}{_GAP}[01][0-9]{_GAP}[0-3][0-9]"
_NUMBER = rf"{_REGION}{_GAP}{_BIRTH}{_GAP}[0-9]{{3}}{_GAP}[0-9Xx]"
_LABEL = chinese("身份证|身份号码|公民身份|证件|身份證|ID号|居民身份")


def plain(span: str) -> str:
    return "".join(each for each in span.upper() if each in "0123456789X")


def is_dated(span: str) -> bool:
    """Whether the date of birth exists."""
    return is_date(plain(span)[6:14])


def is_identity(span: str) -> bool:
    """Whether the date exists and the check character fits."""
    return is_dated(span) and plain(span)[17] == mod_11_2(plain(span))


def is_old(span: str) -> bool:
    return is_date(f"19{span[6:12]}")


ID_CN = Rules(
    "id_cn",
    (
        Rule("ID_CN", _NUMBER, score=0.98, before="0-9A-Za-z", after="0-9A-Za-z", check=is_identity),
        Rule("ID_CN", _NUMBER, score=0.85, after="0-9A-Za-z", check=is_dated, lead=_LABEL),
        Rule(
            "ID_CN",
            rf"{_REGION}[0-9]{{2}}[01][0-9][0-3][0-9]{{4}}",
            score=0.85,
            after="0-9A-Za-z",
            lead=_LABEL,
            check=is_old,
        ),
    ),
)
