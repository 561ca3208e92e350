"""A label decides in both directions."""

import pytest

from streams.screening.catalogue import DETECTORS
from streams.screening.normal import normalise
from streams.screening.patterns import Patterns

ALL = Patterns(tuple((each.name, rule) for each in DETECTORS for rule in each.rules))

CASES = [
    ("13800138000", ["PHONE"]),
    ("手机号：13800138000", ["PHONE"]),
    ("订单号：13800138000", []),
    ("订单编号 13800138000，手机13800138000", ["PHONE"]),
    ("快递单号是4111111111111111", []),
    ("编号4111111111111111", []),
    ("4111111111111111", ["CREDIT_CARD"]),
    ("Order #4155552671", []),
    ("order number 415-555-2671", []),
    ("call me about order 12345 at 415-555-2671", ["PHONE"]),
    ("recorder 415-555-2671", ["PHONE"]),  # not the word order
    ("编号11010519491231002X", ["ID_CN"]),  # surer than a label
    ("version 1.2.3.4", []),
    ("版本号1.2.3.4", []),
    ("1.2.3.4", ["IP"]),
    ("1.2.3.4.5", []),
    ("0.4155552671234", []),
    ("13800138000元", []),
    ("https://example.com/item/13800138000.html", []),
    ("550e8400-e29b-41d4-a716-446655440000", []),
    ("患者编号：ZY123456", ["MEDICAL_ID"]),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_what_is_reported(text: str, found: list[str]) -> None:
    assert [hit.entity for hit in ALL.hits(normalise(text))] == found
