import pytest

from streams.screening.personal.license_plate_cn import LICENSE_PLATE_CN

CASES = [
    ("车牌京A12345违章", ["京A12345"]),
    ("粤B·12D34", ["粤B·12D34"]),
    ("沪A D12345", ["沪A D12345"]),  # new energy, spaced
    ("苏e05ev9", ["苏e05ev9"]),
    ("粤Z1234港", ["粤Z1234港"]),
    ("京A1234学", ["京A1234学"]),
    ("京A123456", []),  # six places, but not new energy
    ("京A1234", []),
    ("京AI2345", []),  # neither I nor O
    ("新A100GPUX", []),
    ("川A级景区12345", []),
    ("京ABCDEF", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in LICENSE_PLATE_CN.find(text)] == found
