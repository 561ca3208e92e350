import pytest

from streams.screening.personal.email import EMAIL

CASES = [
    ("write to zhang.san+work@mail.example.com.", ["zhang.san+work@mail.example.com"]),  # plain, before a full stop
    ("我的邮箱是zhang@example.com谢谢", ["zhang@example.com"]),  # between Chinese characters
    ("发到ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ吧", ["ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ"]),  # wide forms
    ("a\u200b@\u200bb.com", ["a\u200b@\u200bb.com"]),  # invisible characters inside
    ("a@b.com,c@d.org", ["a@b.com", "c@d.org"]),  # two beside each other
    ("jörg.müller@münchen.de", ["jörg.müller@münchen.de"]),  # internationalised
    ("请发wang@例子.公司", ["wang@例子.公司"]),
    ("john(at)example (dot) com", ["john(at)example (dot) com"]),  # spelt out
    ("john.doe[at]example.com", ["john.doe[at]example.com"]),
    ("look at example two", []),
    ("a@b", []),  # no top-level domain
    ("@example.com", []),  # nobody
    ("meet me @ noon. com", []),
    ("git@", []),
    ("用@符号提醒我", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_addresses(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in EMAIL.find(text)] == found
