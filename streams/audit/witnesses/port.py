"""Witnesses see heads, and keep or cosign them where the log's writer cannot change what they did."""

from typing import Protocol

from streams.audit.notary import Signed
from streams.audit.tiles import Kept


class Cosigner(Protocol):
    """Signs a head before it is published, when it goes on from the one it signed before."""

    name: str

    async def cosign(self, signed: Signed, kept: Kept) -> bytes:
        """The lines of its signatures.

        Raises:
            Unavailable: it does not answer.
            AuditDamaged: it has seen another history.
        """
        ...


class Keeper(Protocol):
    """Keeps heads after they were published, and what proves them where it can."""

    name: str

    def keep(self, place: str, signed: Signed, kept: Kept) -> None:
        """``place`` is ``<log>/<topic>/<partition>``. Blocks; raises as ``cosign``."""
        ...
