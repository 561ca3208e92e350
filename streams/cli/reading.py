"""Audit content on a terminal: that it is read is on the log first."""

from getpass import getuser
from typing import Literal

from infra.settings import Settings
from schemas.access import Access
from streams.audit.trail import Trail
from streams.cli.log import publishing


async def declare(
    settings: Settings,
    what: Literal["events", "request", "checkpoints", "topic", "export"],
    target: str,
    since: str = "",
) -> None:
    """Return when it is audited that the user of this terminal reads; only then show content.

    Raises:
        Unavailable: it could not be audited, so nothing may be shown.
    """
    access = Access(actor=f"cli:{getuser()}"[:200], what=what, target=target[:1000], since=since[:100])
    async with publishing(settings) as publisher:
        trail = Trail(settings.kafka, publisher, "cli")
        try:
            await trail.granted(access)
        finally:
            await trail.close()
