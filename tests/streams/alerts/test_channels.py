"""Channels against real servers: what they send, and what they make of the answers."""

import hmac
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from infra.server import free_port
from streams.alerts.channels.mail import Mailbox
from streams.alerts.channels.port import NotDelivered
from streams.alerts.channels.webhook import Hook
from streams.alerts.document import Language, Mail
from streams.gateway.callbacks import Hosts
from tests.streams.alerts.making import Receiver, alert

NASTY = 'x\r\nBcc: e@evil.net\n<!channel> <@all> <a href="x">&\u202e\x1b[2J'


def local() -> Hosts:
    return Hosts(("127.0.0.1", "localhost"), "alerts.hosts", "host")


async def sent(kind: str, receiver: Receiver, language: Language = "both", key: str | None = None, **about: Any) -> Any:
    hook = Hook(kind, receiver.url, local(), language, key)
    try:
        await hook.send(alert(**about))
    finally:
        await hook.close()
    return await receiver.next()


async def test_our_own_shape_is_signed_and_a_repeat_is_known() -> None:
    async with Receiver() as receiver:
        (value, headers), (again, _) = [await sent("webhook", receiver, key="k" * 32) for _ in range(2)]
    moment, given = (part.partition("=")[2] for part in headers["headrace-signature"].split(","))
    expected = hmac.new(b"k" * 32, f"{moment}.".encode() + value, sha256).hexdigest()
    assert hmac.compare_digest(given, expected)
    told = orjson.loads(value)
    assert told["id"] == orjson.loads(again)["id"]
    assert (told["rule"], told["count"], told["group"], told["code"]) == (
        "refused", 3, {"tenant": "acme"}, "rate_limit_exceeded",
    )  # fmt: skip
    assert told["since"] == "2023-11-14T22:13:20.000Z"


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "[high] refused: 3 event(s)"),
        ("zh", "【高】refused：3 个事件"),
        ("both", "[high] refused: 3 event(s) / 【高】refused：3 个事件"),
    ],
)
async def test_languages(language: Language, title: str) -> None:
    async with Receiver() as receiver:
        value, _ = await sent("webhook", receiver, language)
    assert orjson.loads(value)["title"] == title


@pytest.mark.parametrize("kind", ["webhook", "slack", "wecom"])
async def test_what_an_event_says_stays_on_its_line(kind: str) -> None:
    async with Receiver() as receiver:
        value, _ = await sent(kind, receiver, group={"tenant": NASTY}, request_id="请求" * 5000)
    told = orjson.loads(value)
    text = {"webhook": lambda: told["text"], "slack": lambda: told["text"], "wecom": lambda: told["text"]["content"]}
    shown = text[kind]()
    assert not {"\r", "\x1b", "\u202e"} & set(shown)
    assert all(not line.startswith("Bcc") for line in shown.splitlines())
    assert kind != "slack" or "<" not in shown
    assert len(shown.encode()) <= 2048 or kind != "wecom"


@pytest.mark.parametrize(
    ("kind", "statuses", "answer", "again"),
    [
        # away for now
        ("webhook", [503], b"", True),
        ("webhook", [429], b"", True),
        # refused
        ("webhook", [410], b"", False),
        # sent elsewhere: not followed
        ("webhook", [302], b"", False),
        # WeCom says so with status 200: a wrong key, too many, nonsense
        ("wecom", [200], b'{"errcode": 93000}', False),
        ("wecom", [200], b'{"errcode": 45009}', True),
        ("wecom", [200], b"<html>", True),
    ],
)
async def test_not_taken(kind: str, statuses: list[int], answer: bytes, again: bool) -> None:
    async with Receiver(*statuses, answer=answer) as receiver:
        with pytest.raises(NotDelivered) as caught:
            await sent(kind, receiver)
    assert caught.value.again is again


async def test_a_name_that_leads_inside_is_not_called() -> None:
    hook = Hook("webhook", "https://localhost/", Hosts(("*",), "alerts.hosts", "host"), "en")
    with pytest.raises(NotDelivered, match="nobody answered"):
        await hook.send(alert())
    await hook.close()


class Letters(Message):
    def __init__(self) -> None:
        super().__init__()
        self.raw: list[bytes] = []

    def prepare_message(self, session: Any, envelope: Any) -> Any:
        self.raw.append(envelope.content)
        return super().prepare_message(session, envelope)

    def handle_message(self, message: Any) -> None:
        """Kept above, as it came."""

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address.startswith("full"):
            return "452 mailbox full"
        if address.startswith("nobody"):
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that is its own authority, and its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    moment = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, moment - timedelta(1), moment + timedelta(1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    unlocked = serialization.NoEncryption()
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked)
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def server(certificate: tuple[Path, Path]) -> Iterator[tuple[Letters, int]]:
    """A mail server that asks for STARTTLS and a password."""
    context, letters = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), Letters()
    context.load_cert_chain(*certificate)

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"u", b"p"))

    controller = Controller(
        letters, "127.0.0.1", free_port(), tls_context=context, require_starttls=True,
        authenticator=authenticate, auth_required=True, auth_require_tls=True,
    )  # fmt: skip
    controller.start()
    yield letters, controller.port
    controller.stop()


def mail(certificate: Path, **changes: Any) -> Mail:
    given = {"kind": "smtp", "host": "localhost", "ca_file": certificate, "username": "u"}
    people = {"sender": "alerts@example.com", "to": ["ops@example.com"], "password": "p"}
    return Mail.model_validate({**given, **people, **changes})


async def test_mail_goes_out_over_starttls(server: tuple[Letters, int], certificate: tuple[Path, Path]) -> None:
    letters, port = server
    await Mailbox(mail(certificate[0], port=port), "p", local(), "both").send(alert(group={"tenant": NASTY}))
    message = message_from_bytes(letters.raw[0], policy=policy.default)
    # folding encoded words takes some spaces
    assert message["Subject"].replace(" ", "") == "[high]refused:3event(s)/【高】refused：3个事件"
    assert (message["To"], message["Bcc"], message["Auto-Submitted"]) == ("ops@example.com", None, "auto-generated")
    text = message.get_content()
    assert "rate_limit_exceeded" in text
    assert "租户" in text


@pytest.mark.parametrize(
    ("changes", "password", "problem", "again"),
    [
        # a wrong password: this server hangs up
        ({}, "wrong", "SMTPServerDisconnected", True),
        # an unknown certificate
        ({"ca_file": None}, "p", "SSLCertVerificationError", True),
        # without TLS, where it is asked for
        ({"tls": "none", "username": None, "password": None}, None, "530", False),
        # full for now, and nobody there
        ({"to": ["full@example.com"]}, "p", "452", True),
        ({"to": ["nobody@example.com"]}, "p", "550", False),
        # no server
        ({"port": 9}, "p", "ConnectionRefusedError", True),
    ],
)
async def test_mail_that_is_not_taken(
    server: tuple[Letters, int], certificate: tuple[Path, Path], changes: dict[str, Any], password: str | None,
    problem: str, again: bool,
) -> None:  # fmt: skip
    letters, port = server
    with pytest.raises(NotDelivered, match=problem) as caught:
        await Mailbox(mail(certificate[0], **{"port": port, **changes}), password, local(), "en").send(alert())
    assert caught.value.again is again
    assert not letters.raw
