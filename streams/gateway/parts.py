"""What the gateway stands on, as ports: each is injected, so a test or another deployment brings its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from infra.broker import Publisher
from infra.topics import Names
from infra.vault.vault import Vault
from schemas.base import Frozen
from schemas.registry import Key
from streams.audit.trail import Trail
from streams.gateway.answers import Answers
from streams.gateway.submitted import Submitted

F = TypeVar("F", bound=Frozen)


class Keys(Protocol):
    """The API keys, live."""

    def authenticate(self, presented: str) -> Key:
        """The key of a presented text, compared in constant time; raises ``Unauthenticated``, ``KeyRevoked``."""
        ...

    def signing_key(self, key_id: str) -> bytes:
        """The key that records of ``key_id`` are signed with; raises ``Unauthenticated``."""
        ...


class Objects(Protocol):
    """The object store; its calls block, so the gateway makes them in threads."""

    def put(self, data: bytes) -> tuple[str, str]: ...

    def get(self, uri: str, sha256: str, limit: int) -> bytes: ...

    def get_record(self, tenant: str, file_id: str, cls: type[F]) -> F: ...

    def list_records(self, tenant: str, cls: type[F]) -> Sequence[F]: ...

    def delete_record(self, tenant: str, file_id: str) -> None: ...


class Meter(Protocol):
    """What is counted at the door; ``exposition`` comes with its content type."""

    def http(self, route: str, status: int, seconds: float) -> None: ...

    def first_token(self, seconds: float) -> None: ...

    def exposition(self) -> tuple[bytes, str]: ...


@dataclass(frozen=True)
class ShownModel:
    """A model as ``/v1/models`` shows it; ``created`` in seconds since 1970."""

    name: str
    version: str
    created: int
    capabilities: tuple[str, ...] = ()
    context: int | None = None
    local: bool = True


@dataclass(frozen=True)
class GatewayKey:
    """The gateway's own key, which may speak for any tenant; ``secret`` signs the records."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"GatewayKey({self.id!r}, ***)"


@dataclass(frozen=True)
class Parts:
    """All that ``create_gateway`` composes. ``ready`` says of each thing needed whether it is there."""

    publisher: Publisher
    names: Names
    key: GatewayKey
    keys: Keys
    answers: Answers
    submitted: Submitted
    trail: Trail
    objects: Objects
    meter: Meter
    models: Callable[[], Sequence[ShownModel]]
    ready: Callable[[], Awaitable[Mapping[str, bool]]]
    vault: Vault | None = None
