import pytest

from streams.screening.personal.credit_card import CREDIT_CARD

CASES = [
    ("卡号4111111111111111有效", ["4111111111111111"]),  # Visa between Chinese characters
    ("4111 1111 1111 1111 123", ["4111 1111 1111 1111"]),  # the security code is not part of it
    ("5555-5555-5555-4444", ["5555-5555-5555-4444"]),  # Mastercard
    ("3782 822463 10005", ["3782 822463 10005"]),  # American Express
    ("6222021234567890128", []),  # of 19 digits, a bank card
    ("4111‑1111‑1111‑1111", ["4111‑1111‑1111‑1111"]),  # dashes that do not break
    ("x4111111111111111", []),
    ("6250941006528599", ["6250941006528599"]),  # UnionPay
    ("0000 0000 4111 1111 1111 1111", ["4111 1111 1111 1111"]),  # hidden behind other groups
    ("４１１１１１１１１１１１１１１１", ["４１１１１１１１１１１１１１１１"]),  # wide digits
    ("4222222222222", ["4222222222222"]),  # 13 digits
    ("4111111111111112", []),  # wrong check digit
    ("41111111111111110", []),  # a digit more
    ("9111111111111111", []),  # no such issuer
    ("4444444444444448", ["4444444444444448"]),
    ("订单号 2024051500001234", []),
    ("1234567812345670", []),  # passes Luhn, but nobody issues it
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_numbers(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in CREDIT_CARD.find(text)] == found
