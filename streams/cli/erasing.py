"""``headrace audit erase``, ``hold`` and ``rewrap``."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import click

from infra.broker import Record, ensure_topics
from infra.keys import from_hex
from infra.reader import Follower
from infra.settings import Settings
from infra.topics import Names
from infra.vault.build import build_keys
from infra.vault.vault import Vault
from schemas.base import new_id
from schemas.erasure import ERASURE_EVENT, Erasure, Hold, Purged, Refused
from schemas.errors import LegalHold, NotFound, Unavailable
from streams.cli.log import CLIENT, opening, outbox
from streams.cli.options import as_json, load_settings, show_json
from streams.erasure.holds import History, history

Tell = Callable[[Purged], None]
SEALS_NOTHING = (
    "These settings seal nothing, so what clients and the platform published stays on the topics until retention takes "
    "it; what is older than the retention of 'requests' cannot be told to be this subject's."
)


class Subject(click.ParamType):
    """``TENANT/USER``; who named no user is known by the id of the API key, and without one as ``-``."""

    name = "tenant/user"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        tenant, slash, user = str(value).partition("/")
        if not (tenant and slash and user):
            self.fail("give TENANT/USER, as in acme/alice", param, ctx)
        return tenant, user


@click.command(epilog="Example: headrace audit erase acme/alice --reason 'her request of 3 May'")
@click.argument("subject", type=Subject())
@click.option("--reason", required=True, help="Why; it goes on the audit, so name nobody in it.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--timeout", type=click.FloatRange(1), default=600.0, show_default=True, help="Seconds to wait.")
@as_json
def erase(subject: tuple[str, str], reason: str, yes: bool, timeout: float, as_json: bool) -> None:
    """Erase a person: destroy the data key of SUBJECT, and purge what is kept of them.

    Each component confirms; it ends with 0 when all have. Cut off, it goes on where it was when it is given again.
    """
    settings = load_settings()
    if not yes:
        click.confirm(f"Erase all that is about {'/'.join(subject)}? It cannot be undone.", abort=True)
    sealing = settings.privacy.sealed_topics or settings.audit.content == "sealed"
    if not sealing and not as_json:
        click.echo(SEALS_NOTHING, err=True)

    def tell(purged: Purged) -> None:
        if not as_json:
            click.echo(f"{purged.component}: {purged.count} {purged.note}".rstrip())

    done = asyncio.run(_erase(settings, subject, reason, timeout, tell))
    if as_json:
        confirmed = {each.component: {"count": each.count, "note": each.note} for each in done}
        show_json({"subject": done[0].subject, "erasure": done[0].erasure, "confirmed": confirmed})
    else:
        click.echo("erased: every component has confirmed")


@click.command(epilog="Example: headrace audit hold acme/alice --reason 'case 7 of 2026'")
@click.argument("subject", type=Subject())
@click.option("--reason", required=True, help="Why; it goes on the audit, so name nobody in it.")
@click.option("--release", is_flag=True, help="End the hold.")
def hold(subject: tuple[str, str], reason: str, release: bool) -> None:
    """Put SUBJECT under a legal hold: until it is released, nothing of them is erased."""
    asyncio.run(_hold(load_settings(), subject, reason, release))
    click.echo("released" if release else "held")


@click.command(epilog="Example: headrace audit rewrap --from old-master-key")
@click.option("--from", "old", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
def rewrap(old: Path) -> None:
    """Wrap all data keys by the master key of the settings that are wrapped by the one in a file."""
    count = asyncio.run(_rewrap(load_settings(), from_hex(old.read_text(), str(old))))
    click.echo(f"{count} data keys are wrapped by the master key of the settings now")


async def _erase(
    settings: Settings, subject: tuple[str, str], reason: str, timeout_s: float, tell: Tell
) -> list[Purged]:
    await ensure_topics(settings)
    async with opening(settings) as vault, outbox(settings) as out:
        pseudonym = await _pseudonym(vault, subject)
        known = await history(settings.kafka)
        if stands := known.holds.get(pseudonym):
            raise LegalHold(f"a legal hold stands: {stands.reason}; 'headrace audit hold --release' ends it")
        erasure = known.unfinished(pseudonym)
        if erasure is None:
            erasure = Erasure(
                id=new_id(), tenant=subject[0], subject=pseudonym, reason=reason, vault=await vault.mark()
            )
            await out.erasure(erasure)
    return await Confirmations(settings, erasure, tell).wait(timeout_s)


async def _pseudonym(vault: Vault, subject: tuple[str, str]) -> str:
    try:
        await vault.known()
    except NotFound as error:
        raise NotFound(
            "the platform's data keys are not here: give this command where the settings and the state of "
            "'headrace control' are, once that has run"
        ) from error
    return await vault.subject(*subject)


async def _hold(settings: Settings, subject: tuple[str, str], reason: str, release: bool) -> None:
    await ensure_topics(settings)
    async with opening(settings) as vault, outbox(settings) as out:
        pseudonym = await _pseudonym(vault, subject)
        await out.erasure(Hold(tenant=subject[0], subject=pseudonym, reason=reason, released=release))


async def _rewrap(settings: Settings, old_master_key: bytes) -> int:
    keys = build_keys(settings)
    try:
        return await keys.rewrap(old_master_key)
    finally:
        await keys.close()


class Confirmations:
    """Of one erasure, as they come on the topic."""

    def __init__(self, settings: Settings, erasure: Erasure, tell: Tell) -> None:
        self._settings, self._erasure, self._tell = settings, erasure, tell
        self._history = History()
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def wait(self, timeout_s: float) -> list[Purged]:
        """All of them.

        Raises:
            LegalHold: the erasure was refused.
            Unavailable: not all have come in time.
        """
        topics = [Names(self._settings.kafka)("erasures")]
        follower = Follower(self._settings.kafka, topics, self._apply, since="earliest", client_id=CLIENT)
        await follower.start()
        try:
            await asyncio.wait_for(self._ended, timeout_s)
        except TimeoutError as error:
            missing = ", ".join(self._history.missing(self._erasure))
            raise Unavailable(
                f"not confirmed after {timeout_s:g} s: {missing}; is 'headrace control' running? "
                "Give the command again to go on waiting"
            ) from error
        finally:
            await follower.stop()
        return list(self._history.confirmed[self._erasure.id].values())

    def _apply(self, record: Record) -> None:
        event = ERASURE_EVENT.validate_json(record.value or b"")
        if self._ended.done() or getattr(event, "erasure", None) != self._erasure.id:
            return
        self._history.add(event)
        if isinstance(event, Refused):
            self._ended.set_exception(LegalHold(f"the erasure was refused: {event.reason}"))
        elif isinstance(event, Purged):
            self._tell(event)
            if not self._history.missing(self._erasure):
                self._ended.set_result(None)
