"""What a policy would change, before it is live: requests screened under both, and counted where they differ."""

from collections import Counter
from dataclasses import dataclass, field
from typing import BinaryIO

from pydantic import ValidationError

from infra.broker import Record
from infra.settings import LimitSettings
from schemas.errors import HeadraceError
from schemas.loosening import loosened
from schemas.policies import PolicyDocument
from schemas.requests import Request
from schemas.screening import Verdict
from streams.admission.decoding import decode, parse
from streams.admission.identity import Identity
from streams.screening.scan import Asked, asked, bounded, parsed
from streams.screening.screener import Screener
from streams.screening.stage import screen_request

EXAMPLES = 3
Change = tuple[str, str, str]
"""A tenant, what is ordered now, and what would be."""


@dataclass
class Rehearsal:
    """Feed it with requests or texts; it keeps counts and a few ids."""

    old: PolicyDocument
    new: PolicyDocument
    screener: Screener = field(default_factory=Screener)
    seen: int = 0
    unread: int = 0
    changes: Counter[Change] = field(default_factory=Counter)
    examples: dict[Change, list[str]] = field(default_factory=dict)

    @property
    def loosens(self) -> list[str]:
        return loosened(self.old, self.new)

    def lines(self, stream: BinaryIO) -> None:
        """Requests as on the topic, or texts as ``Scan`` reads them, one a line; ``tenant`` counts as it is said."""
        for number, line in enumerate(bounded(stream), start=1):
            if line.isspace():
                continue
            try:
                fields = parsed(line)
                tenant = str(fields["tenant"]) if "tenant" in fields else None
                if "text" in fields:
                    self.text(asked(fields, number), tenant)
                else:
                    self.request(Request.model_validate({"id": f"line-{number}", **fields}), tenant)
            except (HeadraceError, ValidationError):
                self.unread += 1

    def record(self, record: Record, identity: Identity, limits: LimitSettings) -> None:
        """A record of ``requests``."""
        try:
            body = parse(record, limits)
            self.request(decode(record, body, Request), identity.of(record, body).tenant)
        except HeadraceError:
            self.unread += 1

    def request(self, request: Request, tenant: str | None) -> None:
        self._compare(request.id, tenant, *(self._requested(each, request, tenant) for each in (self.old, self.new)))

    def text(self, asked: Asked, tenant: str | None) -> None:
        before, after = (
            self.screener.screen(asked.text, asked.direction, each.for_tenant(tenant).screening, "").verdict
            for each in (self.old, self.new)
        )
        self._compare(str(asked.id), tenant, before, after)

    def _requested(self, document: PolicyDocument, request: Request, tenant: str | None) -> Verdict:
        return screen_request(request, self.screener, document.for_tenant(tenant).screening, "")[1]

    def _compare(self, name: str, tenant: str | None, before: Verdict, after: Verdict) -> None:
        self.seen += 1
        if before.ordered is not after.ordered:
            change = (tenant or "none", before.ordered.value, after.ordered.value)
            self.changes[change] += 1
            examples = self.examples.setdefault(change, [])
            if len(examples) < EXAMPLES:
                examples.append(name)
