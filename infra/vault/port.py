"""What keeps data keys: one for each data subject, until it is erased."""

from dataclasses import dataclass, field
from typing import Protocol

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class DataKey:
    """``id`` is ``<subject>.<generation>``: a subject that comes back after an erasure gets another key."""

    id: str
    secret: bytes = field(repr=False)


class KeyStore(Protocol):
    """Subjects are pseudonyms here (see ``infra.vault.vault``). Every method raises ``Unavailable`` when the store does
    not answer, and ``WrongMasterKey`` when its keys are wrapped by another master key."""

    async def current(self, subject: str) -> DataKey:
        """The key of the subject; made when there is none, once, whoever asks at the same time."""
        ...

    async def get(self, key_id: str) -> DataKey:
        """Raises ``KeyErased`` for a key that was destroyed, ``NotFound`` for one that never was."""
        ...

    async def erase(self, subject: str) -> None:
        """Destroy the keys of the subject; again, or without a key, is no error. When this returns they are gone from
        the store's files, too, as far as the store can do that."""
        ...

    async def rewrap(self, old_master_key: bytes) -> int:
        """Wrap by this store's master key what is wrapped by another; how many keys that were. Can be repeated."""
        ...

    async def close(self) -> None: ...


def key_id(subject: str, generation: int) -> str:
    return f"{subject}.{generation}"


def parts(key_id: str) -> tuple[str, int]:
    """The subject and the generation in a key's id; generation 0, which none has, when it is no such id."""
    subject, _, generation = key_id.rpartition(".")
    known = generation.isascii() and generation.isdecimal() and len(generation) <= 9
    return subject, int(generation) if known else 0
