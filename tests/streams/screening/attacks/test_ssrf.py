import pytest

from streams.screening.attacks.ssrf import SSRF

ATTACKS = [
    "http://169.254.169.254/latest/meta-data/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://[::ffff:127.0.0.1]/",
    "http://127.0.0.1.nip.io/",
    "http://trusted.example@127.0.0.1/",
    "/fetch?url=http://localhost/admin",
    "/fetch?url=file:///etc/passwd",
    "gopher://127.0.0.1:6379/_SET%20x%201",
    "dict://127.0.0.1:11211/stat",
    "http://100.100.100.200/latest/meta-data/",
]
ORDINARY = [
    "http://localhost:8080/docs",
    "http://127.0.0.1:5000",
    "http://192.168.1.20:3000",
    "https://example.com/a?next=/home",
    "https://bob@example.com/x",
    "the metadata of the photo",
    "call 1234567890 or see http://example.com/1234567890",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in SSRF.find(text)} == {"SSRF"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert SSRF.find(text) == []
