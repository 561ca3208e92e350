"""Whom a record is about."""

from collections.abc import Mapping
from typing import Any

from infra.vault.vault import Vault
from streams.admission.identity import Sender


def who(sender: Sender, body: Mapping[str, Any]) -> str | None:
    """The user that a client names in a request, an upload or feedback, else the API key that it came by."""
    user = body.get("user")
    if isinstance(user, str) and user:
        return user
    if sender.how == "gateway":
        caller = body.get("on_behalf_of")
        return caller if isinstance(caller, str) else None
    return sender.key.id if sender.key else None


async def subject_in(vault: Vault | None, sender: Sender, body: Mapping[str, Any]) -> str | None:
    """The data key of whom a record is about, which is also their pseudonym; ``None`` where nothing is sealed, so that
    this costs nothing."""
    return await vault.current(sender.tenant, who(sender, body)) if vault and vault.active else None
