import pytest

from streams.redaction.masks import masked


@pytest.mark.parametrize(
    ("entity", "value", "expected"),
    [
        ("PHONE", "13800138000", "138****8000"),
        ("phone", "138 0013 8000", "138 **** 8000"),  # separators stay
        ("PHONE", "+1 (415) 555-0100", "+1 (41*) ***-0100"),
        ("EMAIL", "ann@example.com", "a***@example.com"),
        ("EMAIL", "a@example.com", "a***@example.com"),  # the stars do not count the letters
        ("CREDIT_CARD", "6222 0212 3456 0128", "6222 **** **** 0128"),
        ("BANK_CARD_CN", "6222021234560128", "6222********0128"),
        ("ID_CN", "11010519491231002X", "110*************2X"),
        ("SSN", "536-90-4399", "***-**-4399"),
        ("IP", "203.0.113.9", "203.0.*.*"),
        ("IP", "2001:db8::1", "2001:db8:*"),
        ("PERSON", "王小明", "王**"),
        ("PERSON", "Jane Doe", "J*** D**"),
        ("LICENSE_PLATE_CN", "京A12345", "京A****5"),
        ("GITHUB_TOKEN", "ghp_0123456789abcdefghijABCDEFGHIJ012345", "ghp_********"),
        ("PASSWORD", "hunter2", "********"),  # neither the beginning nor the length of a short secret
        ("PRIVATE_KEY", "-----BEGIN RSA PRIVATE KEY-----", "********"),
        ("ADDRESS", "12 High St", "** **** **"),  # no form of its own
        ("PHONE", "1234", "****"),  # too short to show any of it
        ("EMAIL", "no address", "** *******"),
        ("PHONE", "", ""),
    ],
)
def test_masks(entity: str, value: str, expected: str) -> None:
    assert masked(entity, value) == expected
