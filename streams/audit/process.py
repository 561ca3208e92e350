"""The checkpoint agent with what it stands on, as the settings say."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from infra.keys import master_key
from infra.settings import AuditSettings, Settings
from schemas.audit import Audit, Decision
from schemas.base import new_id
from schemas.errors import HeadraceError
from streams.audit.checkpoints import CheckpointAgent, Trouble
from streams.audit.folders import Folder, open_folder
from streams.audit.live import LiveLog
from streams.audit.notary import Rhythm
from streams.audit.resume import Resume
from streams.audit.signing import SigningKeys, Writer
from streams.audit.witnesses.build import build_witnesses
from streams.audit.witnesses.keeping import Keeping
from streams.outbox import Outbox


@asynccontextmanager
async def checkpointing(
    settings: Settings, outbox: Outbox, writer: Writer | None = None
) -> AsyncIterator[list[CheckpointAgent]]:
    """The agent while it runs; none when the settings want no heads. ``writer`` is this process's, if it writes."""
    if not settings.audit.checkpoints:
        yield []
        return
    cosigners, keepers = build_witnesses(settings.audit.witnesses)

    async def tell(trouble: Trouble) -> None:
        await outbox.audit(audit_of(trouble))

    async def tell_of_witness(name: str, error: HeadraceError | None) -> None:
        code, message = (error.code, error.message) if error else ("", None)
        await tell(Trouble(f"witness {name}", code, message))

    keeping = Keeping(keepers, tell_of_witness)
    agent = CheckpointAgent(settings.kafka, resume_of(settings, writer), hashes_of(settings), cosigners, keeping, tell)
    try:
        await agent.start()
        yield [agent]
    finally:
        await agent.stop()
        await keeping.stop()


def resume_of(settings: Settings, writer: Writer | None = None) -> Resume:
    audit, writer = settings.audit, writer or Writer(master_key(settings))
    return Resume(LiveLog(settings.kafka), keys_of(settings), writer, rhythm_of(audit), audit.recheck)


def rhythm_of(audit: AuditSettings) -> Rhythm:
    return Rhythm(audit.head_records, timedelta(seconds=audit.head_s), timedelta(seconds=audit.idle_s))


def keys_of(settings: Settings) -> SigningKeys:
    return SigningKeys(settings.audit.keys or settings.state / "audit-keys")


def hashes_of(settings: Settings) -> Folder:
    return open_folder(settings.audit.hashes or str(Path(settings.state).absolute() / "audit"))


def audit_of(trouble: Trouble) -> Audit:
    """What people must hear of is on the log that it is about, and alerts are made of it."""
    outcome = "well again" if trouble.error is None else "troubled"
    detail = {"error": (trouble.error or "")[:500], "offset": trouble.offset}
    return Audit(
        id=f"checkpoint:{new_id()}",
        request_id=trouble.what,
        actor="checkpoints",
        action="checkpoint",
        decisions=(Decision(stage="checkpoint", outcome=outcome, code=trouble.code, detail=detail),),
        status=outcome,
        severity="info" if trouble.error is None else "critical",
    )
