import pytest

from streams.screening.personal.ssn import SSN

CASES = [
    ("her number is 536-90-4399.", ["536-90-4399"]),
    ("编号536-90-4399号", ["536-90-4399"]),  # between Chinese characters
    ("536-90-4399 536-90-4398", ["536-90-4399", "536-90-4398"]),  # one border between two
    ("SSN: 536904399", ["536904399"]),  # without dashes only beside its name
    ("my social security number is 536 90 4399", ["536 90 4399"]),
    ("社会安全号码是536904399", ["536904399"]),
    ("536904399", []),
    ("000-12-3456", []),  # area, group and serial that are never given out
    ("666-12-3456", []),
    ("912-12-3456", []),
    ("536-00-4399", []),
    ("536-90-0000", []),
    ("1536-90-4399", []),
    ("536-90-43991", []),
    ("part 536-90-4399-7", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_numbers(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in SSN.find(text)] == found
