import pytest

from streams.screening.personal.tax_id import TAX_ID

CASES = [
    ("EIN: 12-3456789", ["12-3456789"]),
    ("12-3456789", []),  # nothing says what it is
    ("912-70-1234", ["912-70-1234"]),  # ITIN
    ("912-30-1234", []),
    ("VAT number DE123456789", ["DE123456789"]),
    ("FR12345678901", ["FR12345678901"]),
    ("VAT is 20 percent", []),
    ("DE12345678", []),  # a digit short
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in TAX_ID.find(text)] == found
