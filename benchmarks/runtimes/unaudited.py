"""The control process without audit records, which the product does not offer: what they cost is its difference."""

import asyncio

from infra.settings import Settings
from schemas.audit import Audit
from streams import control
from streams.outbox import Outbox


async def silent(self: Outbox, *records: Audit) -> None:
    """Say nothing."""


if __name__ == "__main__":
    Outbox.audit = silent  # type: ignore[method-assign]  # in this process alone
    asyncio.run(control.run(Settings()))
