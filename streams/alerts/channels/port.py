"""What a channel is."""

from typing import Protocol

from pydantic import SecretStr

from schemas.errors import InvalidField
from streams.alerts.document import Secret
from streams.alerts.engine import Alert

MARK = "secret:"


class NotDelivered(Exception):
    """A channel did not take an alert; ``again`` says whether it may later."""

    def __init__(self, message: str, *, again: bool = True) -> None:
        super().__init__(message)
        self.again = again


class Channel(Protocol):
    async def send(self, alert: Alert) -> None:
        """Return when the other side has taken it.

        Raises:
            NotDelivered: it has not.
        """
        ...

    async def close(self) -> None: ...


def revealed(value: Secret, secrets: dict[str, SecretStr]) -> str:
    """A value of the document; of ``secret:NAME`` the secret in the settings.

    Raises:
        InvalidField: there is no such secret.
    """
    if not value.startswith(MARK):
        return value
    name = value.removeprefix(MARK)
    if name not in secrets:
        raise InvalidField(f"alerts.secrets has no {name!r}: set HEADRACE_ALERTS__SECRETS, a JSON object")
    return secrets[name].get_secret_value()
