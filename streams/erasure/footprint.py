"""Where a subject left traces: what the audit says of its pseudonym, and what clients published in plain."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson

from infra.broker import Record
from infra.keys import KeyRing
from infra.reader import read_all
from infra.settings import Settings
from infra.topics import Names
from infra.vault.vault import Vault
from schemas.errors import HeadraceError
from streams.admission.decoding import identify
from streams.admission.identity import Identity
from streams.erasure.subjects import who
from streams.uploads.checks import decode_data_url

PUBLISHED = ("requests", "uploads", "feedback")


@dataclass
class Footprint:
    """``ids`` are of requests, uploads and feedback, each with its tenant, ``files`` those of uploads; ``opinions`` are
    the requests that feedback was given on; ``uris`` are of pictures sent within a request."""

    subject: str
    ids: set[tuple[str, str]] = field(default_factory=set)
    files: set[tuple[str, str]] = field(default_factory=set)
    opinions: set[str] = field(default_factory=set)
    uris: set[str] = field(default_factory=set)


class Finder:
    """Reads the log for a subject. It takes one pass over the audit and the topics that clients publish to."""

    def __init__(self, settings: Settings, keys: KeyRing, vault: Vault) -> None:
        self._settings, self._vault = settings, vault
        self._names, self._identity = Names(settings.kafka), Identity(settings, keys)

    async def __call__(self, subject: str) -> Footprint:
        found = Footprint(subject)
        needle = f'"subject":"{subject}.'.encode()
        async for record in read_all(self._settings.kafka, [self._names("audit")]):
            if needle in (record.value or b""):
                _note(found, orjson.loads(record.value or b""))
        topics = [*PUBLISHED, *(f"requests.{tenant}" for tenant in self._settings.tenant_topics)]
        async for record in read_all(self._settings.kafka, [self._names(topic) for topic in topics], vault=self._vault):
            await self._look(found, record)
        return found

    async def _look(self, found: Footprint, record: Record) -> None:
        """A record as its client published it; who signed what cannot be verified is nobody."""
        with suppress(orjson.JSONDecodeError, HeadraceError):
            body = orjson.loads(record.value or b"")
            if not isinstance(body, dict):
                return
            sender = self._identity.of(record, body, _scope(record, self._names))
            if await self._vault.subject(sender.tenant, who(sender, body)) == found.subject:
                found.ids.add((sender.tenant, identify(record, body)))
                if record.topic == self._names("uploads"):
                    found.files.add((sender.tenant, identify(record, body)))
                if isinstance(about := body.get("request_id"), str):
                    found.opinions.add(about)
                found.uris.update(_pictures(body, self._settings.limits.upload_bytes))


def _scope(record: Record, names: Names) -> Any:
    return {names("uploads"): "files", names("feedback"): "feedback"}.get(record.topic, "requests")


def _note(found: Footprint, audit: dict[str, Any]) -> None:
    """An audit record about the subject: of its request, upload or feedback."""
    if audit.get("action") == "erasure":
        return
    tenant, request_id = audit.get("tenant") or "", audit["request_id"].partition("#")[0]
    found.ids.add((tenant, request_id))
    for decision in audit.get("decisions", ()):
        if decision.get("stage") == "upload":
            found.files.add((tenant, request_id))
        about = decision.get("detail", {}).get("about")
        if decision.get("stage") == "feedback" and isinstance(about, str):
            found.opinions.add(about)


def _pictures(body: dict[str, Any], limit: int) -> Iterator[str]:
    """Where the pictures in a request's ``image_url`` parts are kept when they are not sealed."""
    messages = body.get("messages")
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        for part in content if isinstance(content, list) else ():
            picture = part.get("image_url") if isinstance(part, dict) else None
            url = picture.get("url") if isinstance(picture, dict) else None
            with suppress(HeadraceError):
                digest = sha256(decode_data_url(url if isinstance(url, str) else "", limit)[0]).hexdigest()
                yield f"objects/{digest[:2]}/{digest}"
