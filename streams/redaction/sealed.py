"""What names stand for, as it is pinned into work: JSON under the data key of whom it is about."""

import orjson

from infra.vault.vault import Vault
from schemas.errors import KeyErased
from schemas.work import Pins
from streams.redaction.placeholders import Known

NOTHING = Known({})


async def sealed(vault: Vault, key: str, known: Known, tenant: str | None, request_id: str) -> str:
    """Raises ``KeyErased``."""
    text = orjson.dumps({"values": known.values, "json": known.json}).decode()
    return await vault.seal_text(key, text, _place(tenant, request_id))


async def opened(vault: Vault | None, pins: Pins, tenant: str | None, request_id: str) -> Known:
    """What the names in an answer stand for: nothing any more when the one it is about was erased.

    Raises:
        SealBroken: it was changed, or is another request's.
    """
    if vault is None or pins.placeholders is None:
        return NOTHING
    try:
        found = orjson.loads(await vault.open_text(pins.placeholders, _place(tenant, request_id)))
    except KeyErased:
        return NOTHING
    return Known(found["values"], found["json"])


def _place(tenant: str | None, request_id: str) -> str:
    return f"placeholders\0{tenant or ''}\0{request_id}"
