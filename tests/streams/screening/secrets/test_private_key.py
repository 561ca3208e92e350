from base64 import b64encode

import pytest

from streams.screening.secrets.private_key import PRIVATE_KEY
from tests.streams.screening.secrets.making import BODY

PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nAbc+/=\n-----END PRIVATE KEY-----"
WORDS = "abandon ability able about above absent absorb abstract absurd abuse access accident"
CASES = [
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----", True),
    ("-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: GnuPG v2\n\nlQOYBF1\n-----END PGP PRIVATE KEY BLOCK-----", True),
    (f"-----BEGIN OPENSSH PRIVATE KEY-----\n{BODY}\n", True),  # cut off
    ('"private_key": "-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADAN\\n-----END PRIVATE KEY-----\\n"', True),
    (b64encode(b"-----BEGIN RSA PRIVATE KEY-----\n" + BODY.encode() * 3).decode(), True),
    (b64encode(b"-----BEGIN EC PRIVATE KEY-----\n" + BODY.encode() * 3).decode(), True),
    (f"b3BlbnNzaC1rZXktdjEAAAAABG5vbmU{BODY * 2}", True),
    (f"应用私钥 MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEA{BODY * 3}", True),  # DER without its frame
    (f"AGE-SECRET-KEY-1{'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L'}{'QPZRY9X8GF2TVDW0S3JN54KHCE'}", True),
    (f"PrivateKey = {BODY}3kLm4nQ=", True),
    (f'"d": "{BODY}-_{BODY}"', True),
    (f"PuTTY-User-Key-File-2: ssh-rsa\nComment: k\nPrivate-Lines: 2\n{BODY}\n", True),
    ("wallet private key: 0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318", True),
    ("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", True),  # checksummed
    ("5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK", False),  # its checksum broken
    (f"seed phrase: {WORDS}", True),
    (f"助记词是 {WORDS}", True),
    ("the seed phrase: write it on paper and keep it safe from your friends and your family", False),
    ("What does -----BEGIN PRIVATE KEY----- mean in a file of ours?", False),
    ("-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----", False),
    ("-----BEGIN PUBLIC KEY-----", False),
    ("-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYD", False),
    (f"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA{BODY * 3}", False),  # a public key
    ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGq0h0r4mYzXkqkq4J1Q2v8mH0d9c6o0b2l8wqLQkZ9T", False),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_private_keys(text: str, found: bool) -> None:
    assert bool(PRIVATE_KEY.find(text)) is found


def test_a_private_key_is_found_to_its_end() -> None:
    (found,) = PRIVATE_KEY.find(f"see {PEM}, and more")
    assert (found.start, found.end) == (4, 4 + len(PEM))
