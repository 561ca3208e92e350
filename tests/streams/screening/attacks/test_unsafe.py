import pytest

from streams.screening.attacks.unsafe import UNSAFE

CASES = [
    ("[click](javascript:alert(1))", "UNSAFE_LINK"),
    ("[点这里](data:text/html;base64,PHNjcmlwdD4=)", "UNSAFE_LINK"),
    ("[login](http://203.0.113.9/login)", "UNSAFE_LINK"),
    ("see https://xn--pple-43d.com/id", "UNSAFE_LINK"),  # the first letter is Cyrillic
    ("https://example.com@evil.example/x", "UNSAFE_LINK"),
    ('<iframe src="https://evil.example/x"></iframe>', "UNSAFE_HTML"),
    ('<form action="https://evil.example/x">', "UNSAFE_HTML"),
    ("[docs](https://example.com/docs)", None),
    ("[dev](http://127.0.0.1:8080/)", None),
    ("[router](http://192.168.1.1/)", None),
    ("https://xn--fiqs8s.example/ is 中国.example", None),  # one alphabet
    ("mail bob@example.com or see https://example.com/@bob", None),
    ("<p>Hello</p>", None),
]


@pytest.mark.parametrize(("text", "entity"), CASES)
def test_links_and_markup(text: str, entity: str | None) -> None:
    assert {each.entity for each in UNSAFE.find(text)} == ({entity} if entity else set())
