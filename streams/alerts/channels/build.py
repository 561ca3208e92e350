"""The channels of a document."""

from infra.settings import AlertSettings
from schemas.errors import InvalidField
from streams.alerts.channels.mail import Mailbox
from streams.alerts.channels.port import Channel, revealed
from streams.alerts.channels.webhook import Hook
from streams.alerts.document import AlertDocument, ChannelSpec, Language, Mail
from streams.gateway.callbacks import Hosts


def build_channels(document: AlertDocument, settings: AlertSettings) -> dict[str, Channel]:
    """All channels by name; nothing is connected yet.

    Raises:
        InvalidField: a secret is missing or a host is not allowed; the message has every problem, a line each.
    """
    built, problems = {}, []
    for name, spec in document.channels.items():
        try:
            built[name] = build_channel(spec, settings, document.language)
        except InvalidField as error:
            problems.append(f"- channels.{name}: {error.message}")
    if problems:
        raise InvalidField("the channels have problems:\n" + "\n".join(problems))
    return built


def build_channel(spec: ChannelSpec, settings: AlertSettings, language: Language) -> Channel:
    hosts = Hosts(settings.hosts, "alerts.hosts", "host")
    if isinstance(spec, Mail):
        return Mailbox(spec, revealed(spec.password, settings.secrets) if spec.password else None, hosts, language)
    key = revealed(spec.key, settings.secrets) if spec.key else None
    return Hook(spec.kind, revealed(spec.url, settings.secrets), hosts, language, key)
