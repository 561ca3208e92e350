import pytest

from streams.screening.secrets.password_hash import PASSWORD_HASH
from tests.streams.screening.secrets.making import BODY, HEX

CASES = [
    (f"$2b$12${BODY}{BODY[:17]}", True),
    (f"bob:$apr1$r31kd.6a${BODY[:22]}", True),
    (f"root:$6$rounds=5000$saltsalt${BODY}{BODY}{BODY[:14]}:19000:0:99999:7:::", True),
    (f"$argon2id$v=19$m=65536,t=3,p=4${BODY[:22]}${BODY}", True),
    (f"pbkdf2_sha256$260000${BODY[:22]}${BODY}=", True),
    (f"pbkdf2:sha256:260000$aB3dE5gH${HEX}{HEX}", True),
    (f"{{SSHA}}{BODY}", True),
    (f"Administrator:500:aad3b435b51404eeaad3b435b51404ee:{HEX}:::", True),
    ("$2b$12$ is how a bcrypt hash begins", False),
    ("it costs $1$ or $5$ and $6$ at most", False),
    ("$2b$12$" + "a" * 53, False),  # no hash
    ("sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", False),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_hashes(text: str, found: bool) -> None:
    assert bool(PASSWORD_HASH.find(text)) is found
