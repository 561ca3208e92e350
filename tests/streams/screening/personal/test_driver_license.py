import pytest

from streams.screening.personal.driver_license import DRIVER_LICENSE

CASES = [
    ("Driver's license: D1234567", ["D1234567"]),
    ("my driving licence number is MORGA657054SM9IJ", ["MORGA657054SM9IJ"]),  # British
    ("MORGA657054SM9IJ", ["MORGA657054SM9IJ"]),
    ("DL# A123-4567-8901", ["A123-4567-8901"]),
    ("驾驶证号：110105194912310021", ["110105194912310021"]),
    ("驾照档案编号440300123456", ["440300123456"]),
    ("a driver license costs 20 dollars", []),
    ("软件license 12345", []),
    ("驾驶证考试2024年", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in DRIVER_LICENSE.find(text)] == found
