"""Passports, which have no check digit of their own: by the form of their country, beside the word."""

from streams.screening.detector import Rule, Rules
from streams.screening.digits import digits
from streams.screening.personal.label import chinese, english

_CHINESE = r"(?:[EeGg][0-9]{8}|[Ee][A-HJ-NP-Za-hj-np-z][0-9]{7}|[DdSsPpHhKkMm][0-9]{8}|1[45][0-9]{7}|(?:MA|KJ)[0-9]{7})"
_ANY = r"[A-Za-z]{0,3}[0-9]{2}[A-Za-z0-9]{4,10}"


def is_passport(span: str) -> bool:
    """Six to nine places, mostly digits."""
    return 6 <= len(span) <= 10 and len(digits(span)) >= 5


PASSPORT = Rules(
    "passport",
    (
        Rule("PASSPORT", _CHINESE, score=0.97, after="0-9A-Za-z", lead=chinese("护照|旅行证|护照本")),
        Rule(
            "PASSPORT",
            _CHINESE,
            score=0.9,
            before="0-9A-Za-z",
            trail="(?: ?(?:是|为|\\(|,)?(?:我|他|她)?的?(?:中国)?护照)",
        ),
        Rule("PASSPORT", _ANY, score=0.97, after="0-9A-Za-z", lead=chinese("护照"), check=is_passport),
        Rule(
            "PASSPORT",
            _ANY,
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english("passport|passports"),
            check=is_passport,
        ),
        Rule("PASSPORT", r"P<[A-Z]{3}[A-Z<]{10,39}", score=0.95, before="A-Za-z0-9"),
    ),
)
