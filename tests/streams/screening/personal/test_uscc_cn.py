import pytest

from streams.screening.personal.uscc_cn import USCC_CN

CASES = [
    ("信用代码91350100M000100Y43。", ["91350100M000100Y43"]),  # the example of GB 32100
    ("91350100M000100Y43", ["91350100M000100Y43"]),
    ("91350100M000100Y44", []),  # wrong check character
    ("税号：91350100M000100Y44", ["91350100M000100Y44"]),  # mistyped, behind its label
    ("91350100M000100Y4", []),
    ("A91350100M000100Y43", []),
    ("110105194912310021", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in USCC_CN.find(text)] == found
