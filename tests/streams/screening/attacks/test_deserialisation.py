import pytest

from streams.screening.attacks.deserialisation import DESERIALISATION

ATTACKS = [
    "rO0ABXNyABdqYXZhLnV0aWwuUHJpb3JpdHlRdWV1ZQ==",
    "aced00057372001764",
    'O:4:"User":1:{s:4:"name";s:3:"bob";}',
    "gASVIQAAAAAAAACMBXBvc2l4lIwGc3lzdGVt",
    "cos\\nsystem\\n(S'id'\\ntR.",
    "AAEAAAD/////AQAAAAAAAAAMAgAAAElT",
    '{"$type":"System.Windows.Data.ObjectDataProvider, X"}',
    '{"@type":"com.sun.rowset.JdbcRowSetImpl"}',
    "!!python/object/apply:os.system ['id']",
    "--- !ruby/object:Gem::Installer",
    '{"x":"_$$ND_FUNC$$_function(){}()"}',
    '{"__proto__":{"admin":true}}',
]
ORDINARY = [
    "pickle.dumps(obj)",
    'a:1:{i:0;s:1:"x";} is a serialised array',
    '{"@type": "Person", "name": "Bob"}',
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
    "!!important note",
    "what is a Java serialised object?",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in DESERIALISATION.find(text)} == {"DESERIALIZATION"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert DESERIALISATION.find(text) == []
