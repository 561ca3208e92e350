"""What was asked or answered, on its audit record: sealed, so that it can be shown to who may see it, and erased."""

from collections.abc import Iterable
from typing import Any

import orjson

from infra.vault.vault import Vault
from schemas.audit import Audit
from schemas.base import Event
from schemas.errors import KeyErased
from schemas.requests import Request
from schemas.responses import Response
from schemas.results import Choice

FIELDS = {"user", "prompt", "input", "labels", "template", "name", "thumb", "rating", "correction", "comment"}
MOST = 150_000
"""Characters; what is beyond them is left out, so that the record fits its topic."""


async def with_content(vault: Vault | None, audit: Audit, said: Event | None) -> Audit:
    """The record with its content sealed, where the settings say so and somebody is known whom it is about."""
    if vault is None or not vault.audit or audit.subject is None or said is None:
        return audit
    text = answered(said) if isinstance(said, Response) else asked(said)
    try:
        return audit.model_copy(update={"sealed": await vault.seal_text(audit.subject, text[:MOST], audit.id)})
    except KeyErased:
        return audit


def asked(said: Event) -> str:
    """The words of a request, an upload or feedback, as JSON; pictures are left out."""
    body: dict[str, Any] = said.model_dump(mode="json", include=FIELDS, exclude_defaults=True)
    if isinstance(said, Request):
        body["messages"] = [{"role": message.role, "content": message.text} for message in said.messages]
    return _json(body)


def answered(response: Response) -> str:
    if response.error:
        return _json({"texts": [choice.text for choice in response.choices], "error": response.error.message})
    return texts(response.choices)


def texts(choices: Iterable[Choice]) -> str:
    """What was answered, as JSON."""
    return _json({"texts": [choice.text for choice in choices]})


def _json(body: dict[str, Any]) -> str:
    return orjson.dumps(body).decode()
