import pytest

from streams.screening.personal.birth_date import BIRTH_DATE

CASES = [
    ("DOB: 03/15/1985", ["03/15/1985"]),
    ("born on March 5, 1985 in Leeds", ["March 5, 1985"]),
    ("Date of birth - 5 March 1985", ["5 March 1985"]),
    ("her birthday is 1985-03-05", ["1985-03-05"]),
    ("出生日期：1990年5月6日", ["1990年5月6日"]),
    ("生日是1990-05-06。", ["1990-05-06"]),
    ("1990年5月6日出生", ["1990年5月6日"]),
    ("生于90年5月", ["90年5月"]),
    ("孩子1990年5月6日生", ["1990年5月6日"]),
    ("2024年5月6日开会", []),  # another date
    ("the meeting on March 5, 2024", []),
    ("生日快乐", []),
    ("born in Leeds", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in BIRTH_DATE.find(text)] == found
