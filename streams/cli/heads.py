"""``headrace audit keys``, ``rotate``, ``begin`` and ``witness``: what heads are signed with, and who else signs."""

import asyncio
from datetime import timedelta
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.keys import from_hex, kept_hex, master_key
from infra.settings import Settings
from infra.topics import table
from schemas.errors import InvalidField, WrongMasterKey
from streams.audit.process import keys_of
from streams.audit.signing import Writer
from streams.audit.verifier.notes import NoteError
from streams.audit.verifier.trust import Trust, load_trust
from streams.cli.options import load_settings


def trust_of(settings: Settings) -> Trust:
    """The public keys of this platform's log. Raises ``WrongMasterKey`` when none was made yet."""
    signing = keys_of(settings).all()
    if not signing:
        raise WrongMasterKey("no head was signed yet: there are keys once the control process has signed one")
    keep_ms = next(topic.keep_ms for topic in table(settings) if topic.name == "audit")
    public = (*(key.public for key in signing), Writer(master_key(settings)).public)
    return Trust(public, None if keep_ms < 0 else keep_ms / 1000)


def read_trust(path: Path) -> Trust:
    """Raises ``InvalidField`` when it is no such file."""
    try:
        return load_trust(path.read_bytes())
    except (NoteError, OSError) as error:
        raise InvalidField(f"{path}: {error}", param="keys") from error


@click.command(epilog="Example: headrace audit keys > audit-keys.json")
def keys() -> None:
    """Print the public keys that the log is checked with, as JSON for 'headrace audit verify --keys'.

    Give them to whoever is to check the log, over a way that you do not control later.
    """
    click.echo(trust_of(load_settings()).dump())


@click.command(epilog="Example: headrace audit rotate --overlap-days 7")
@click.option("--overlap-days", type=click.FloatRange(0), default=7.0, show_default=True, help="How long both sign.")
def rotate(overlap_days: float) -> None:
    """Make a new key to sign heads with; the present one signs beside it for a while.

    The control process takes it up with its next head. Give the new public keys to whoever checks the log.
    """
    made = keys_of(load_settings()).rotate(timedelta(days=overlap_days))
    click.echo(f"{made.public.name} has the key {made.public.id.hex()} since {made.since.isoformat()}")


@click.command(epilog="Example: headrace audit begin --yes")
@click.option("--yes", is_flag=True, help="Ask nothing.")
def begin(yes: bool) -> None:
    """Begin a new log with a new name and key, after its topic was made again or its keys were lost.

    What was signed before stays what it was, and whoever has the old keys sees that the old log ended. Start the
    control process again afterwards.
    """
    if not yes:
        click.confirm("Begin a new log? Auditors will see that the one before ended.", abort=True)
    made = keys_of(load_settings()).begin()
    click.echo(f"{made.public.name} begins with the key {made.public.id.hex()}")


@click.command(epilog="Example: headrace audit witness --name witness.example.com --keys audit-keys.json")
@click.option("--name", required=True, help="Who it is in the signatures that it makes.")
@click.option("--keys", "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8090, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("witness"), show_default=True)
def witness(name: str, file: Path, host: str, port: int, folder: Path) -> None:
    """Cosign heads of the logs whose keys are in a file; run it where the log's operator cannot change it.

    It needs neither Kafka nor Redis. Its key and what it has seen are in the folder; the public key is printed.
    """
    from aiohttp import web

    from streams.audit.folders import LocalFolder
    from streams.audit.witnesses.server import WitnessServer

    seed = from_hex(kept_hex(folder / "witness.key"), str(folder / "witness.key"))
    private = Ed25519PrivateKey.from_private_bytes(seed)
    server = WitnessServer(name, private, read_trust(file).keys, LocalFolder(folder))
    click.echo(Trust((server.public,)).dump())

    async def serve() -> None:
        runner = web.AppRunner(server.app())
        await runner.setup()
        site = web.TCPSite(runner, host, port)
        await site.start()
        click.echo(f"listening on {site.name}", err=True)
        await asyncio.Event().wait()

    asyncio.run(serve())
