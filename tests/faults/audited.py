"""What the audit log has to say against itself when all is over: nothing, if it is complete and as it was signed."""

import time
from collections.abc import Iterator
from datetime import timedelta

from infra.settings import Settings
from schemas.base import now
from streams.audit.folders import below
from streams.audit.live import LiveLog
from streams.audit.process import hashes_of
from streams.audit.tiles import Kept
from streams.audit.verification import Verdict, Verification
from streams.cli.auditing import counted
from streams.cli.heads import trust_of

SIGNED_S = 60.0


def audited(settings: Settings) -> Iterator[str]:
    """``audit complete`` and ``audit verify --signatures``, once heads speak of the whole log."""
    findings = counted(settings, timedelta())
    for what in ("undecided", "endless", "twice"):
        yield from (f"{what}: {each}" for each in getattr(findings, what))
    until = time.monotonic() + SIGNED_S
    verdicts = _verdicts(settings)
    while any(verdict.unsigned for verdict in verdicts) and time.monotonic() < until:
        time.sleep(3)
        verdicts = _verdicts(settings)
    for verdict in verdicts:
        yield from (f"partition {verdict.partition}: {damage}" for damage in verdict.damage)
        if verdict.unsigned:
            yield f"partition {verdict.partition}: {verdict.unsigned} records are not signed"


def _verdicts(settings: Settings) -> list[Verdict]:
    log, hashes = LiveLog(settings.kafka), hashes_of(settings)

    def kept(origin: str, size: int) -> Kept:
        return Kept(below(hashes, origin.removeprefix("headrace/")), size)

    check = Verification(log, log.topic, trust_of(settings), now(), kept=kept, signatures=True)
    return [check(partition) for partition in log.partitions()]
