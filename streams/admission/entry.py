"""What each record has to get through on its way in: whose is it, is it sound, fresh, and the first of its id?"""

from collections.abc import Callable
from typing import Any, TypeVar

from infra.tracing import child
from infra.vault.vault import Vault
from schemas.base import Event
from schemas.errors import Forbidden, InvalidField
from streams.admission.claims import Claims
from streams.admission.decoding import content_digest, decode
from streams.admission.identity import Identity, Scope
from streams.erasure.subjects import subject_in
from streams.journey import Journey

E = TypeVar("E", bound=Event)
MOST = 128


Released = Callable[[str | None, str, str], bool]
"""Whether a person let the content of that tenant, id and digest through: it is old by then, and no replay."""


def _nothing_is(_tenant: str | None, _request_id: str, _digest: str) -> bool:
    return False


class Entry:
    """Identifies, decodes and claims a parsed record, and notes on its journey what came of it."""

    def __init__(
        self, identity: Identity, claims: Claims, vault: Vault | None = None, released: Released = _nothing_is
    ) -> None:
        self._identity, self._claims, self._vault, self._released = identity, claims, vault, released

    async def __call__(self, journey: Journey, body: dict[str, Any], model: type[E], scope: Scope) -> E:
        """The event in the record, under the journey's id and the sender's tenant. A duplicate is marked as dropped.

        Raises:
            HeadraceError: what ``Identity`` and ``decode`` raise, and ``DuplicateId``.
        """
        sender = journey.sender = self._identity.of(journey.record, body, scope)
        journey.subject = await subject_in(self._vault, sender, body)
        if journey.record.at_rest is not None and sender.how != "gateway":
            raise Forbidden("a sealed record is the gateway's to publish: send yours in plain, or over HTTP")
        event = decode(journey.record, body, model)
        _check_id(event.id)
        event = event.model_copy(update={"id": journey.id, "tenant": sender.tenant})
        journey.said = event
        journey.trace = event.trace or child(None)
        journey.digest = content_digest(event)
        if not self._released(sender.tenant, journey.id, journey.digest):
            self._identity.fresh(event, sender, body)
        await self._claims.claim(journey)
        return event


def _check_id(request_id: str) -> None:
    """``#`` is how the platform marks what it makes of an id, and there must be room for that mark."""
    if len(request_id) > MOST or "#" in request_id:
        raise InvalidField(f"id: at most {MOST} characters, and no '#'", param="id")
