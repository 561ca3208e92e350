"""``headrace policy propose``, ``approve`` and ``signer``: two people to loosen."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.keys import from_hex, kept_hex
from infra.settings import Settings
from schemas.errors import Forbidden, InvalidField, NotFound
from schemas.loosening import loosened
from schemas.policies import PolicyDocument
from schemas.registry import Policy
from streams.approval import Outcome, approved
from streams.cli.log import events, live_registry, outbox
from streams.cli.options import load_settings
from streams.cli.policies import FILE, record_of, sound
from streams.registry import Registry

AS = click.option("--as", "name", required=True, help="Which approver of the settings you are.")
KEY = click.option("--key", type=click.Path(path_type=Path), help="Your key; else <state>/approvers/NAME.")


@click.command(epilog="Example: headrace policy signer ann")
@click.argument("name")
def signer(name: str) -> None:
    """Make the key of an approver, for its owner only, and print what the settings of every process need."""
    public = _private(load_settings(), name, None, make=True).public_key().public_bytes_raw().hex()
    click.echo(f"screening: {{approvers: {{{name}: {public}}}}}")


@click.command(epilog="Example: headrace policy propose looser.yaml --as ann")
@click.argument("file", type=FILE)
@AS
@KEY
def propose(file: Path, name: str, key: Path | None) -> None:
    """Sign a policy that loosens, and publish it as a proposal: it is live once another approver has signed it, too."""
    settings = load_settings()
    record = record_of(sound(file))
    lenient = asyncio.run(_signed(settings, lambda registry: _replacing(registry, record), name, key, "proposed"))
    _show(lenient)
    click.echo(f"proposed as {record.version}: another approver gives 'headrace policy approve {record.version}'")


@click.command(epilog="Example: headrace policy approve 3f9c2a7b1d04 --as bob")
@click.argument("version")
@AS
@KEY
def approve(version: str, name: str, key: Path | None) -> None:
    """Show what a proposed policy loosens, sign it, and so make it live."""
    settings = load_settings()
    proposal = asyncio.run(_proposal(settings, version))
    _show(asyncio.run(_signed(settings, lambda _: proposal, name, key, "live")))
    click.echo(f"policy {proposal.name!r} is live as version {version}")


async def _signed(
    settings: Settings, choose: Callable[[Registry], Policy], name: str, key: Path | None, wanted: Outcome
) -> list[str]:
    """Publish with one more signature; returns what is loosened.

    Raises:
        Forbidden: the signature would not count, or would not be enough.
    """
    async with live_registry(settings) as registry, outbox(settings) as out:
        record = choose(registry)
        record = approved(record, name, _private(settings, name, key))
        if name not in registry.approvals.signers(record):
            raise Forbidden(f"{name!r} is no approver with this key: see 'headrace policy signer'")
        if (outcome := registry.outcome_of(record)) not in (wanted, "live"):
            raise Forbidden(
                f"this would be {outcome}: another person has to approve what was proposed against the live policy"
            )
        await out.policy(record)
        return loosened(registry.policy(registry.live_policy), PolicyDocument.model_validate(record.document))


def _replacing(registry: Registry, record: Policy) -> Policy:
    return record.model_copy(update={"replaces": registry.live_policy})


async def _proposal(settings: Settings, version: str) -> Policy:
    """The last proposal of a version. Raises ``NotFound``."""
    proposals = [each for each in await events(settings, "policies", Policy.model_validate_json) if each.approvals]
    found = next((each for each in reversed(proposals) if each.version == version), None)
    if found is None:
        known = ", ".join(dict.fromkeys(each.version for each in proposals)) or "none"
        raise NotFound(f"version {version!r} was not proposed; these were: {known}")
    return found


def _private(settings: Settings, name: str, key: Path | None, *, make: bool = False) -> Ed25519PrivateKey:
    if Path(name).name != name:
        raise InvalidField("the name of an approver is no path", param="name")
    path = key or settings.state / "approvers" / name
    if not make and not path.exists():
        raise NotFound(f"there is no key in {path}: 'headrace policy signer {name}' makes one")
    return Ed25519PrivateKey.from_private_bytes(from_hex(kept_hex(path), str(path)))


def _show(lenient: list[str]) -> None:
    click.echo("it loosens:" if lenient else "it loosens nothing")
    for line in lenient:
        click.echo(f"- {line}")
