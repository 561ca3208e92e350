"""History screened again under a policy: what would have been done with requests and answers that are on the log."""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from infra.broker import Record
from infra.keys import KeyRing
from infra.settings import Settings
from infra.topics import Names
from schemas.base import Source
from schemas.errors import HeadraceError
from schemas.policies import PolicyDocument
from schemas.requests import Request
from schemas.responses import Response
from schemas.screened import Backscan
from schemas.screening import Direction, Measure, Verdict
from streams.admission.decoding import decode, parse
from streams.admission.identity import Identity
from streams.screening.build import build_screener
from streams.screening.stage import screen_request, strictest

log = logging.getLogger(__name__)
TENANTS = 1000


class Positions:
    """How far each partition was screened under one policy, in a file; ``moved`` saves."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._next: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}

    def done(self, source: Source) -> bool:
        return source.offset < self._next.get(f"{source.topic}/{source.partition}", 0)

    def passed(self, source: Source) -> None:
        self._next[f"{source.topic}/{source.partition}"] = source.offset + 1

    def save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        draft.write_text(json.dumps(self._next))
        draft.replace(self._path)


@dataclass
class Affected:
    """What was found with one tenant."""

    records: int = 0
    measures: Counter[str] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)
    stricter: int = 0
    """Of those, how many are treated more strictly than they were."""


class Rescreening:
    """Screens records of ``requests`` and ``responses``, and counts by tenant."""

    def __init__(self, document: PolicyDocument, version: str, settings: Settings, keys: KeyRing) -> None:
        self.screener, self.version = build_screener(settings), version
        self._document, self._identity, self._limits = document, Identity(settings, keys), settings.limits
        self._answers = Names(settings.kafka)("responses")
        self.tenants: dict[str, Affected] = {}
        self.unread = 0

    def findings(self, record: Record) -> Iterator[Backscan]:
        """What the policy would do with the texts of a record, where that is anything at all."""
        try:
            yield from self._answer(record) if record.topic == self._answers else self._request(record)
        except (HeadraceError, ValidationError):
            self.unread += 1

    def _request(self, record: Record) -> Iterator[Backscan]:
        body = parse(record, self._limits)
        tenant, request = self._identity.of(record, body).tenant, decode(record, body, Request)
        policy = self._document.for_tenant(tenant).screening
        _, verdict = screen_request(request, self.screener, policy, self.version)
        yield from self._told(record, tenant, request.id, "prompt", verdict, None)

    def _answer(self, record: Record) -> Iterator[Backscan]:
        response = Response.model_validate_json(record.value or b"")
        policy = self._document.for_tenant(response.tenant).screening
        verdicts = [
            self.screener.screen(choice.text, "output", policy, self.version).verdict for choice in response.choices
        ]
        verdict = strictest(verdicts, self.version, self.screener.rules)
        yield from self._told(record, response.tenant, response.id, "output", verdict, response.verdict.ordered)

    def _told(
        self, record: Record, tenant: str | None, request: str, way: Direction, verdict: Verdict, before: Measure | None
    ) -> Iterator[Backscan]:
        affected = self._of(tenant)
        affected.records += 1
        if verdict.ordered is Measure.ALLOW:
            return
        entities = Counter(each.entity for each in verdict.findings)
        affected.measures[verdict.ordered.value] += 1
        affected.entities.update(entities)
        affected.stricter += before is None or verdict.ordered.severity > before.severity
        yield Backscan(
            id=sha256(f"{record.source} {self.version}".encode()).hexdigest()[:32],
            tenant=tenant,
            request_id=request,
            source=record.source,
            direction=way,
            policy=self.version,
            rules=self.screener.rules,
            action=verdict.ordered.value,
            before=before.value if before else None,
            level=verdict.level,
            reason=verdict.reason[:300],
            entities=dict(entities),
        )

    def _of(self, tenant: str | None) -> Affected:
        name = tenant or "none"
        return self.tenants.setdefault(
            name if name in self.tenants or len(self.tenants) < TENANTS else "others", Affected()
        )
