import pytest

from streams.screening.personal.bank_account import BANK_ACCOUNT

CASES = [
    ("Routing number 021000021, account 123456789", ["021000021", "123456789"]),
    ("routing number 021000022", []),  # wrong check digit
    ("Sort code: 20-00-00", ["20-00-00"]),
    ("SWIFT: DEUTDEFF500", ["DEUTDEFF500"]),
    ("my account number is 12345678", ["12345678"]),
    ("账号：110912345678901，户名", ["110912345678901"]),
    ("对公账户 4420 1234 5678 9012 345", ["4420 1234 5678 9012 345"]),
    ("account for 2024", []),
    ("123456789", []),
    ("登录账号是什么", []),
    ("swift answers", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in BANK_ACCOUNT.find(text)] == found
