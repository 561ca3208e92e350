import pytest

from streams.screening.personal.phone import PHONE

CASES = [
    ("电话13800138000。", ["13800138000"]),  # between Chinese characters
    ("手机 138 0013 8000", ["138 0013 8000"]),
    ("138-0013-8000", ["138-0013-8000"]),
    ("１３８００１３８０００", ["１３８００１３８０００"]),  # wide digits
    ("+86 13800138000", ["+86 13800138000"]),
    ("008613800138000", ["008613800138000"]),
    ("tel13800138000", ["13800138000"]),  # after letters
    ("座机010-62781234", ["010-62781234"]),
    ("(0755) 26001234", ["(0755) 26001234"]),
    ("call +44 20 7946 0958 2024 times", ["+44 20 7946 0958"]),  # the year does not fit in any more
    ("+1 (212) 555-0187", ["+1 (212) 555-0187"]),
    ("+852 2345 6789", ["+852 2345 6789"]),
    ("Call (212) 555-0187 or 212.555.0188", ["(212) 555-0187", "212.555.0188"]),
    ("12800138000", []),  # no such prefix
    ("1380013800", []),  # a digit short
    ("138001380001", []),  # a digit long
    ("f13800138000ab", []),  # part of a hexadecimal digest
    ("2024-05-06 10:20:30", []),
    ("+999 1234 5678", []),  # no such country
    ("+44 20 7946", []),  # too short for its country
    ("version 192.168.100.1000", []),
    ("3.14159265358979", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_numbers(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in PHONE.find(text)] == found
