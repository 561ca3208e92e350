"""Driving licences: the British form by itself, any other beside the words."""

from streams.screening.detector import Rule, Rules
from streams.screening.digits import digits
from streams.screening.personal.label import chinese, english

_ANY = r"[A-Za-z]{0,3}-?[0-9][A-Za-z0-9]*(?:[ -][0-9]{2,6}){0,3}"
_LABEL = english(
    "driver license|drivers license|driver's license|driver’s license|driver licence|driving licence|driver's licence|"
    "drivers licence|driving license|driver lic|dl|license number|licence number|license no|driver's permit"
)


def is_license(span: str) -> bool:
    """Five to twenty places with four digits or more."""
    return len(digits(span)) >= 4 and 5 <= len(span) <= 20


DRIVER_LICENSE = Rules(
    "driver_license",
    (
        Rule(
            "DRIVER_LICENSE",
            "[A-Z9]{5}[0-9][0156][0-9][0-3][0-9]{2}[A-Z9]{2}[A-Z0-9]{3}",
            score=0.8,
            before="0-9A-Za-z",
            after="0-9A-Za-z",
        ),
        Rule("DRIVER_LICENSE", _ANY, score=0.97, before="A-Za-z", after="0-9A-Za-z", lead=_LABEL, check=is_license),
        Rule(
            "DRIVER_LICENSE",
            "[0-9]{12}|[0-9]{15}|[0-9]{17}[0-9Xx]",
            score=0.97,
            after="0-9A-Za-z",
            lead=chinese("驾驶证|驾照|驾驶执照|档案编号"),
        ),
    ),
)
