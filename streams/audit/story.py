"""What the audit says of one request, in words and in order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from infra.broker import Record
from streams.audit.conditions import decisions
from streams.audit.exported import decoded


@dataclass(frozen=True)
class Chapter:
    """One record. ``after_s`` is how long after the first one it was said."""

    time: str
    after_s: float
    action: str
    status: str
    actor: str
    where: str
    decisions: tuple[str, ...]
    versions: str


def told(records: Sequence[Record]) -> list[Chapter]:
    """In the order in which they were said; a record that was said again counts once."""
    chapters, begun, seen = [], records[0].timestamp_ms if records else 0, set()
    for record in sorted(records, key=lambda record: (record.timestamp_ms, record.partition, record.offset)):
        audit = decoded(record.value or b"")
        said = str(audit.get("id") or record.source)
        if said in seen:
            continue
        seen.add(said)
        versions = audit.get("versions")
        chapters.append(
            Chapter(
                time=datetime.fromtimestamp(record.timestamp_ms / 1000, UTC).isoformat(timespec="milliseconds"),
                after_s=(record.timestamp_ms - begun) / 1000,
                action=str(audit.get("action") or "unreadable"),
                status=str(audit.get("status") or ""),
                actor=str(audit.get("actor") or "unknown"),
                where=str(record.source),
                decisions=tuple(_sentence(each) for each in decisions(audit)),
                versions=", ".join(_versions(versions.items())) if isinstance(versions, dict) else "",
            )
        )
    return chapters


def _sentence(decision: dict[str, object]) -> str:
    """``screening: masked (personal_data) level=low``."""
    detail = decision.get("detail")
    known = detail.items() if isinstance(detail, dict) else ()
    parts = [f"{decision.get('stage')}: {decision.get('outcome')}"]
    if decision.get("code"):
        parts.append(f"({decision['code']})")
    return " ".join([*parts, *(f"{name}={value}" for name, value in known if value not in (None, ""))])


def _versions(versions: Iterable[tuple[str, object]]) -> Iterable[str]:
    return (f"{name} {version}" for name, version in versions if version)
