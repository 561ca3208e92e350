import pytest

from streams.screening.personal.passport import PASSPORT

CASES = [
    ("护照号E12345678", ["E12345678"]),
    ("护照号码是：EA1234567。", ["EA1234567"]),
    ("G12345678是我的护照", ["G12345678"]),
    ("my passport number is 912803456", ["912803456"]),
    ("Passport No: C01X00T47", ["C01X00T47"]),  # German
    ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"]),
    ("E12345678", []),  # nothing says what it is
    ("型号E12345678", []),
    ("passport to success", []),
    ("护照办理要15个工作日", []),
    ("My passport expires in 2027", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in PASSPORT.find(text)] == found
