import pytest

from streams.screening.personal.phone import PHONE, is_valid

CASES = [
    ("电话13800138000。", ["13800138000"]),  # between Chinese characters
    ("Appelez le 01 42 68 53 00 demain", ["01 42 68 53 00"]),
    ("les numéros 03 11 17 22 28 31", []),  # more pairs than a number has
    ("手机 138 0013 8000", ["138 0013 8000"]),
    ("138-0013-8000", ["138-0013-8000"]),
    ("１３８００１３８０００", ["１３８００１３８０００"]),  # wide digits
    ("+86 13800138000", ["+86 13800138000"]),
    ("008613800138000", ["008613800138000"]),
    ("tel13800138000", ["13800138000"]),  # after a label
    ("SKU13800138000", []),  # after other letters
    ("手机86-13800138000", ["86-13800138000"]),
    ("微信：138.0013.8000", ["138.0013.8000"]),
    ("打400-810-1234或4008101234", ["400-810-1234"]),
    ("客服电话4008101234", ["4008101234"]),
    ("01062781234", ["01062781234"]),
    ("0755-26001234转801", ["0755-26001234转801"]),
    ("(415) 555‑2671 x12", ["(415) 555‑2671 x12"]),  # dashes that do not break, and an extension
    ("001-415-555-2671", ["001-415-555-2671"]),
    ("call me at 4155552671", ["4155552671"]),  # behind a label
    ("4155552671", []),
    ("06 12 34 56 78", ["06 12 34 56 78"]),  # France
    ("020 7946 0958", ["020 7946 0958"]),  # United Kingdom
    ("03-3210-1234", ["03-3210-1234"]),  # Japan
    ("+33 (0)1 42 68 53 00", ["+33 (0)1 42 68 53 00"]),
    ("15400138000", []),  # no such prefix
    ("¥13800138000", []),
    ("01-02-2023", []),
    ("I will call you at 5 pm", []),
    ("电话20240506", []),
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


@pytest.mark.parametrize("number", ["", "0", "0011999999999", "01199999999", "000000000000", "9" * 30])
def test_digits_that_are_no_number_are_none(number: str) -> None:
    assert not any(is_valid(number, region) for region in ("AU", "CN", "DE", "GB", "JP"))
