import pytest

from streams.screening.attacks.directory import DIRECTORY

ATTACKS = [
    "*)(uid=*))(|(uid=*",
    "admin)(&)",
    "*(|(mail=*))",
    "admin*)((|userpassword=*)",
    "x' or name()='user' or 'x'='y",
    "']|//user/*[contains(*,'",
    "' or count(/*)=1 or '1'='2",
]
ORDINARY = [
    "(&(objectClass=person)(uid=jdoe))",
    "(|(mail=*)(cn=*))",
    "//book[price>35 and @lang='en']/title",
    "foo(*bar)(&baz);",
    "f(x)(y)",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in DIRECTORY.find(text)} <= {"LDAP_INJECTION", "XML_INJECTION"}
    assert DIRECTORY.find(text) != []


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert DIRECTORY.find(text) == []
