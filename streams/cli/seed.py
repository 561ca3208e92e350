"""What a deployment on one machine begins with: topics, the first API key, the gateway's own key, a policy."""

import os
from collections.abc import Sequence
from pathlib import Path

from infra.broker import ensure_topics
from infra.keys import KeyRing, Scope, issue, master_key
from infra.policies import default_policy
from infra.settings import Settings
from schemas.errors import HeadraceError
from schemas.registry import Key, Policy
from streams.cli.keys import EVERYDAY, current, publish
from streams.cli.log import events
from streams.cli.policies import publish as publish_policy
from streams.cli.policies import record_of

LOCAL = "local"


async def seed(settings: Settings) -> str:
    """Make what is missing, and return the API key in ``<state>/api-key``. A second time changes nothing."""
    await ensure_topics(settings)
    known = await current(settings)
    tenant = settings.default_tenant or LOCAL
    key = await _ensure(settings, known, "api-key", tenant, EVERYDAY)
    if not settings.gateway.key:
        await _ensure(settings, known, "gateway-key", tenant, ("gateway",))
    if not await events(settings, "policies", Policy.model_validate_json):
        await publish_policy(settings, record_of(default_policy()))
    return key


async def _ensure(settings: Settings, known: dict[str, Key], name: str, tenant: str, scopes: Sequence[Scope]) -> str:
    """The key in a file of the state folder; a new one when there is none, or the log does not know it."""
    path, master = settings.state / name, master_key(settings)
    text = path.read_text(encoding="utf-8").strip() if path.exists() else ""
    if _valid(text, known, master):
        return text
    issued = issue(tenant, scopes, master, note=f"made by headrace up ({name})")
    await publish(settings, issued.record)
    keep(path, issued.secret)
    return issued.secret


def _valid(text: str, known: dict[str, Key], master: bytes) -> bool:
    ring = KeyRing(master)
    for record in known.values():
        ring.apply(record)
    try:
        ring.signing_key(ring.authenticate(text).id)
    except HeadraceError:
        return False
    return True


def keep(path: Path, secret: str) -> None:
    """Write a secret for its owner only, whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
    draft.replace(path)
