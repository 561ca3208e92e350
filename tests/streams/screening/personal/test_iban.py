import pytest

from streams.screening.personal.iban import IBAN

CASES = [
    ("GB82 WEST 1234 5698 7654 32", ["GB82 WEST 1234 5698 7654 32"]),
    ("汇到DE89370400440532013000。", ["DE89370400440532013000"]),  # between Chinese characters
    ("iban:FR1420041010050500013M02606 ok", ["FR1420041010050500013M02606"]),
    ("NO93 8601 1117 947 AND more", ["NO93 8601 1117 947"]),  # the shortest, with words behind
    ("MT84MALT011000012345MTLCAST001S", ["MT84MALT011000012345MTLCAST001S"]),
    ("GB82 WEST 1234 5698 7654 33", []),  # wrong check digits
    ("DE8937040044053201300", []),  # a digit short
    ("DE893704004405320130000", []),
    ("ZZ89370400440532013000", []),  # no such country
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in IBAN.find(text)] == found
