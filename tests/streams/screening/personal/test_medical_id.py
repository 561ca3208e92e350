import pytest

from streams.screening.personal.medical_id import MEDICAL_ID

CASES = [
    ("NHS number: 943 476 5919", ["943 476 5919"]),
    ("nhs 9434765919", ["9434765919"]),
    ("NHS number: 943 476 5918", []),  # wrong check digit
    ("943 476 5919", []),  # nothing says what it is
    ("1EG4-TE5-MK73", ["1EG4-TE5-MK73"]),  # Medicare, by its form
    ("1EG4TE5MK73", ["1EG4TE5MK73"]),
    ("0EG4-TE5-MK73", []),
    ("NPI 1234567893", ["1234567893"]),
    ("NPI 1234567894", []),
    ("Medicare card 2123 45670 1", ["2123 45670 1"]),
    ("MRN: 00482913", ["00482913"]),
    ("住院号：ZY123456", ["ZY123456"]),
    ("病历号00012345", ["00012345"]),
    ("医保报销比例是多少", []),
    ("住院部3楼", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in MEDICAL_ID.find(text)] == found
