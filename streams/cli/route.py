"""``headrace route``."""

import asyncio
from pathlib import Path

import click
import orjson
from pydantic import ValidationError

from infra.keys import KeyRing, master_key
from infra.policies import load_policy
from infra.settings import Settings
from schemas.errors import InvalidJson
from schemas.requests import Request
from schemas.screening import Action
from streams.admission.decoding import field_error
from streams.cli.log import live_registry
from streams.cli.options import as_json, load_settings, show_json
from streams.registry import Registry
from streams.routing.facts import facts_of
from streams.routing.router import explain as explain_route
from streams.routing.stage import cards
from streams.screening.build import build_screener
from streams.screening.stage import screen_request
from workers.models.manifest import Manifest


@click.group()
def route() -> None:
    """Routing: which model gets a request."""


@route.command(epilog="Example: headrace route explain 'Compare these two contracts' --security high")
@click.argument("text")
@click.option("--model", help="The model that the request names.")
@click.option("--tenant", help="Whose request it is; without it the default tenant of the settings.")
@click.option("--security", type=click.Choice(("low", "medium", "high")), default="low", show_default=True)
@click.option("--conversation", help="Canaries are sticky by it.")
@click.option(
    "--policy",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Decide by this file and without Kafka, instead of by the live policy and the trained versions.",
)
@as_json
def explain(text: str, tenant: str | None, file: Path | None, as_json: bool, **given: str | None) -> None:
    """Tell step by step which models would get a request with TEXT, a question or a whole request as JSON.

    Which models rest after failures is known to the control processes alone and is not looked at.
    """
    settings = load_settings()
    request = request_of(text, {name: value for name, value in given.items() if value is not None})
    lines = asyncio.run(_explained(settings, request, tenant or settings.default_tenant, file))
    show_json(lines) if as_json else click.echo("\n".join(lines))


def request_of(text: str, fields: dict[str, str]) -> Request:
    """The request in a JSON object, or a chat with the text as the question.

    Raises:
        InvalidJson, InvalidField: it is no sound request.
    """
    try:
        body = (
            orjson.loads(text) if text.lstrip().startswith("{") else {"messages": [{"role": "user", "content": text}]}
        )
        return Request.model_validate(body | fields)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"TEXT begins like JSON but is none: {error}") from error
    except ValidationError as error:
        raise field_error(error) from error


async def _explained(settings: Settings, request: Request, tenant: str | None, file: Path | None) -> list[str]:
    if file:
        return explained(settings, Registry(KeyRing(master_key(settings)), load_policy(file)), request, tenant)
    async with live_registry(settings) as registry:
        return explained(settings, registry, request, tenant)


def explained(settings: Settings, registry: Registry, request: Request, tenant: str | None) -> list[str]:
    """The steps of the decision."""
    version = registry.live_policy
    policy = registry.policy(version, tenant)
    clean, verdict = screen_request(request, build_screener(settings), policy.screening, version)
    screened = f"screening: {verdict.action.value}" + (f" ({verdict.reason})" if verdict.reason else "")
    if verdict.action is Action.BLOCK:
        return [f"policy {version}", screened, "no model gets it"]
    known = cards(Manifest.load(settings.models_file), registry, tenant)
    facts = facts_of(clean, request.id, tenant, verdict)
    return [f"policy {version}", screened, *explain_route(facts, policy.routing, known)]
