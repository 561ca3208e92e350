"""What happened between two moments, for people: counts, who stands out, what was refused, limited and redacted."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any, Literal

from schemas.audit import Severity
from schemas.errors import RateLimited
from streams.audit.conditions import SEVERITIES, decisions, severity

RISK: Mapping[Severity, int] = {"info": 0, "low": 1, "medium": 3, "high": 10, "critical": 30}
RISKIEST = 10
SHORT = 12
"""Characters of a pseudonym that are shown."""
LIMITS = frozenset({RateLimited.code, *(each.code for each in RateLimited.__subclasses__())})
UNDER_WAY = 200_000
"""Requests whose actor is remembered until their end is seen."""
REFUSED = frozenset({"refused", "blocked", "failed", "denied"})
REDACTED = frozenset({"mask", "masked", "redact", "redacted"})
Section = tuple[str, tuple[str, str], list[tuple[str, int]]]


@dataclass
class Report:
    """Give it audit records with ``see``. Times are those of the records."""

    start: datetime
    stop: datetime
    events: int = 0
    severities: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    tenants: Counter[str] = field(default_factory=Counter)
    risks: Counter[str] = field(default_factory=Counter)
    limits: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    redacted: Counter[str] = field(default_factory=Counter)
    _asked: dict[str, str] = field(default_factory=dict)

    def see(self, audit: dict[str, Any]) -> None:
        level = severity(audit)
        actor, tenant = self._actor(audit), str(audit.get("tenant") or "none")
        self.events += 1
        self.severities[level] += 1
        self.actions[f"{audit.get('action') or 'unreadable'}: {audit.get('status') or ''}"] += 1
        self.tenants[tenant] += 1
        refused = audit.get("status") in REFUSED
        if risk := RISK[level] + refused:
            self.risks[f"{tenant}/{actor}"] += risk
        told = decisions(audit)
        codes = [str(each.get("code") or each.get("outcome")) for each in told if each.get("outcome") in REFUSED]
        self.limits.update(f"{tenant}: {code}" for code in codes if code in LIMITS)
        if refused:
            self.refused[codes[0] if codes else str(audit.get("status"))] += 1
        self.redacted.update(
            f"{tenant}: {each.get('code') or 'redacted'}" for each in told if each.get("outcome") in REDACTED
        )

    def _actor(self, audit: dict[str, Any]) -> str:
        """Of an end it is who asked, as far as that was seen; a key's users by their pseudonyms, if they have any."""
        actor, request = str(audit.get("actor") or "unknown"), str(audit.get("request_id"))
        if user := str(audit.get("subject") or "").partition(".")[0]:
            actor = f"{actor}/{user[:SHORT]}"
        if audit.get("action") == "admission":
            if len(self._asked) >= UNDER_WAY:
                self._asked.pop(next(iter(self._asked)))
            self._asked[request] = actor
        elif audit.get("action") == "release":
            return self._asked.pop(request, actor)
        return actor

    def sections(self) -> list[Section]:
        """Title, columns and rows, for every form."""
        by_level: list[tuple[str, int]] = [(level, self.severities[level]) for level in reversed(SEVERITIES)]
        return [
            ("By severity", ("severity", "events"), by_level),
            ("By action", ("action", "events"), self.actions.most_common()),
            ("By tenant", ("tenant", "events"), self.tenants.most_common()),
            ("Riskiest users", ("tenant/actor/user", "risk"), self.risks.most_common(RISKIEST)),
            ("Limit violations", ("tenant: limit", "events"), self.limits.most_common()),
            ("Refused", ("reason", "events"), self.refused.most_common()),
            ("Redacted", ("tenant: reason", "events"), self.redacted.most_common()),
        ]

    @property
    def title(self) -> str:
        return f"Audit from {self.start.isoformat(timespec='seconds')} to {self.stop.isoformat(timespec='seconds')}"


def as_object(report: Report) -> dict[str, Any]:
    told = {title.lower().replace(" ", "_"): dict(rows) for title, _, rows in report.sections()}
    return {"from": report.start, "to": report.stop, "events": report.events, **told}


def as_markdown(report: Report) -> str:
    parts = [f"# {report.title}", f"{report.events} events."]
    for title, columns, rows in report.sections():
        parts.append(f"## {title}")
        lines = [f"| {columns[0]} | {columns[1]} |", "| --- | ---: |"]
        lines += [f"| {_cell(name)} | {count} |" for name, count in rows]
        parts.append("\n".join(lines) if rows else "None.")
    return "\n\n".join(parts) + "\n"


def as_html(report: Report) -> str:
    """A page that stands alone: no script, nothing fetched."""
    body = "".join(_table(*section) for section in report.sections())
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(report.title)}</title><style>{STYLE}</style>"
        f"<h1>{escape(report.title)}</h1><p>{report.events} events.</p>{body}</html>\n"
    )


STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.2rem .6rem;border-bottom:1px solid #ddd;text-align:left}"
    "td+td,th+th{text-align:right}"
)
FORMS: Mapping[Literal["markdown", "html"], Callable[[Report], str]] = {"markdown": as_markdown, "html": as_html}


def _table(title: str, columns: tuple[str, str], rows: Iterable[tuple[str, int]]) -> str:
    lines = "".join(f"<tr><td>{escape(name)}<td>{count}" for name, count in rows)
    head = f"<tr><th>{escape(columns[0])}<th>{escape(columns[1])}"
    return f"<h2>{escape(title)}</h2>" + (f"<table>{head}{lines}</table>" if lines else "<p>None.</p>")


def _cell(text: str) -> str:
    """Text in a table of Markdown: nothing in it can end the cell, or be HTML."""
    return escape(text.replace("|", "\u2758").replace("\n", " "))
