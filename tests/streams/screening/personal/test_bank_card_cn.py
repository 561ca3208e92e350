import pytest

from streams.screening.personal.bank_card_cn import BANK_CARD_CN

CASES = [
    ("转到6222021234567890128即可", ["6222021234567890128"]),  # UnionPay, 19 digits, by itself
    ("6228 4801 2345 6789 014", []),  # wrong check digit, without a label
    ("银行卡号：6228480123456789015", ["6228480123456789015"]),  # behind a label it may be mistyped
    ("卡号是 6228 4801 2345 6789 015。", ["6228 4801 2345 6789 015"]),
    ("我的工资卡４３４０６２１２３４５６７８９０，谢谢", ["４３４０６２１２３４５６７８９０"]),
    ("银行卡号：62284801", []),  # too short
    ("62220212345678901281", []),  # a digit more
    ("a6222021234567890128", []),
    ("卡号0000000000000000", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in BANK_CARD_CN.find(text)] == found
