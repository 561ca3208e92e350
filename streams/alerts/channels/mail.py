"""Mail over SMTP (RFC 5321), with STARTTLS (RFC 3207) unless the document says otherwise."""

import asyncio
import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from schemas.base import now
from schemas.errors import InvalidField
from streams.alerts.channels.port import NotDelivered
from streams.alerts.channels.webhook import id_of
from streams.alerts.document import Language, Mail
from streams.alerts.engine import Alert
from streams.alerts.texts import body, title
from streams.gateway.callbacks import Hosts

ATTEMPT_S = 15.0


class Mailbox:
    """Sends to the addresses of one channel. The server's address is judged by ``hosts`` when it is connected to."""

    def __init__(self, spec: Mail, password: str | None, hosts: Hosts, language: Language) -> None:
        hosts.check(f"https://{spec.host}/")
        self._spec, self._password, self._hosts, self._language = spec, password, hosts, language
        self._context = _context(spec)

    async def send(self, alert: Alert) -> None:
        try:
            found = await self._hosts.resolve(self._spec.host, self._spec.port)
            await asyncio.to_thread(self._send, found[0]["host"], self.message(alert))
        except smtplib.SMTPResponseException as error:
            raise NotDelivered(f"SMTP answered {error.smtp_code}", again=error.smtp_code < 500) from error
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            raise NotDelivered(f"SMTP refused the recipients: {sorted(codes)}", again=min(codes) < 500) from error
        except smtplib.SMTPNotSupportedError as error:
            raise NotDelivered(f"the mail server cannot: {error}", again=False) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotDelivered(f"the mail server did not take it ({type(error).__name__})") from error

    async def close(self) -> None:
        """Nothing is kept open."""

    def message(self, alert: Alert) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self._spec.sender, ", ".join(self._spec.to)
        message["Subject"] = title(alert, self._language)
        message["Date"] = format_datetime(now())
        message["Message-ID"] = f"<{id_of(alert)}@{self._spec.sender.partition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body(alert, self._language))
        return message

    def _send(self, address: str, message: EmailMessage) -> None:
        with _session(self._spec, address, self._context) as session:
            if self._spec.tls == "starttls":
                session.starttls(context=self._context)
            if self._spec.username and self._password:
                session.login(self._spec.username, self._password)
            session.send_message(message)


def _session(spec: Mail, address: str, context: ssl.SSLContext) -> smtplib.SMTP:
    """A connection to ``address``; the certificate is still that of the name."""

    def connect(host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((address, port), timeout)
        return context.wrap_socket(plain, server_hostname=host) if spec.tls == "tls" else plain

    class Session(smtplib.SMTP):
        def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
            return connect(host, port, timeout)

    return Session(spec.host, spec.port, timeout=ATTEMPT_S)


def _context(spec: Mail) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=spec.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise InvalidField(f"ca_file: {spec.ca_file} holds no certificates: {error}") from error
