import pytest

from streams.screening.attacks.path import PATH

ATTACKS = [
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%252f..%252fetc%252fpasswd",
    "....//....//etc/passwd",
    "..%c0%af..%c0%afetc/passwd",
    "/../../../../../../x",
    "?file=../../../../etc/hosts",
    "?page=/etc/passwd",
    "/etc/passwd",
    "C:\\boot.ini",
    "php://filter/convert.base64-encode/resource=index.php",
    "file:///etc/passwd",
    "..;/..;/manager/html",
    "x.php%00.jpg",
]
ORDINARY = [
    "import x from '../../../config'",
    "cd ../../build && make",
    "see /etc/nginx/nginx.conf for the setting",
    "grep root /etc/passwd | wc -l",
    "file:///home/ann/notes.txt",
    "50%2 is not much",
    "wait... what?",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks(text: str) -> None:
    assert {each.entity for each in PATH.find(text)} == {"PATH_TRAVERSAL"}


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_texts(text: str) -> None:
    assert PATH.find(text) == []
