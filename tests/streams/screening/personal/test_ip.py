import pytest

from streams.screening.personal.ip import IP

CASES = [
    ("from 8.8.8.8.", ["8.8.8.8"]),
    ("地址203.0.113.7在黑名单", ["203.0.113.7"]),  # between Chinese characters
    ("http://1.2.3.4:8080/x", ["1.2.3.4"]),
    ("10.0.0.0/8", ["10.0.0.0"]),
    ("2001:db8::8a2e:370:7334 is down", ["2001:db8::8a2e:370:7334"]),
    ("fe80::1", ["fe80::1"]),
    ("::1", ["::1"]),
    ("2001:0db8:85a3:0000:0000:8a2e:0370:7334", ["2001:0db8:85a3:0000:0000:8a2e:0370:7334"]),
    ("256.1.1.1", []),  # no octet
    ("v1.2.3.4", []),
    ("1.2.3", []),
    ("12:30:45", []),
    ("std::vector", []),
    ("a::b", []),
    ("比如：：这样", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in IP.find(text)] == found
