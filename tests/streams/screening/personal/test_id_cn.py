import pytest

from streams.screening.personal.id_cn import ID_CN

CASES = [
    ("身份证号11010519491231002X，谢谢", ["11010519491231002X"]),  # the example of GB 11643
    ("11010519491231002x", ["11010519491231002x"]),
    ("440524188001010014", ["440524188001010014"]),
    ("110105 19491231 002X", ["110105 19491231 002X"]),
    ("１１０１０５１９４９１２３１００２Ｘ", ["１１０１０５１９４９１２３１００２Ｘ"]),  # wide forms
    ("110105194912310021", []),  # wrong check character
    ("11010519490231002X", []),  # 31 February
    ("99010519491231002X", []),  # no such region
    ("111010519491231002X", []),  # a digit more in front
    ("11010519491231002", []),  # a character short
    ("身份证号码:110105194912310021", ["110105194912310021"]),  # mistyped, behind its label
    ("身份证号码:110105194923310021", []),  # no such date
    ("身份证130503670401001", ["130503670401001"]),  # of before 1999
    ("130503670401001", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_numbers(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in ID_CN.find(text)] == found
