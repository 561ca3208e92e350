"""Erasures as every process hears of them: the data key it remembers is forgotten."""

import logging

from pydantic import ValidationError

from infra.broker import Record
from infra.reader import Follower
from infra.settings import Settings
from infra.topics import Names
from infra.vault.vault import Vault
from schemas.erasure import ERASURE_EVENT, Purged

log = logging.getLogger(__name__)


def forgetting(settings: Settings, vault: Vault, client_id: str) -> Follower:
    """What keeps a process from sealing or opening with keys that are erased, while it runs."""

    def apply(record: Record) -> None:
        try:
            event = ERASURE_EVENT.validate_json(record.value or b"")
        except ValidationError:
            log.error("no erasure event", extra={"source": str(record.source)})
            return
        if isinstance(event, Purged) and event.component == "keys":
            vault.forget(event.subject)

    topics = [Names(settings.kafka)("erasures")]
    return Follower(settings.kafka, topics, apply, since="latest", client_id=client_id)
