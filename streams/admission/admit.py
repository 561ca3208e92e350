"""The first stage of a request: is it in time and within limits? A cancel ends here, with its target."""

from datetime import timedelta
from typing import Any

from infra.limits import Limiter
from infra.settings import Settings
from schemas.base import now
from schemas.errors import Cancelled, Expired, TooLarge
from schemas.requests import Message, Request
from schemas.results import Ended, Final
from schemas.work import Cancel
from streams.abuse.bounds import check
from streams.abuse.standing import Offender, Standings
from streams.admission.entry import Entry
from streams.journey import Journey
from streams.registry import Registry

ANY_DIGEST = "0" * 64
"""The digest of an end that fits whatever the id was used for: a cancellation's."""


class Admission:
    """The intake of ``requests``."""

    def __init__(
        self, settings: Settings, registry: Registry, entry: Entry, limiter: Limiter, standings: Standings
    ) -> None:
        self._settings, self._registry, self._entry = settings, registry, entry
        self._limiter, self._standings = limiter, standings

    async def __call__(self, journey: Journey, body: dict[str, Any]) -> None:
        request = journey.request = await self._entry(journey, body, Request, "requests")
        if journey.dropped or journey.sender is None:
            return
        journey.kind = request.kind
        sender = journey.sender
        journey.key_id = request.on_behalf_of if sender.how == "gateway" else (sender.key.id if sender.key else None)
        self._within_limits(journey)
        journey.scrutiny = await self._standings.check(Offender(sender.tenant, journey.key_id))
        if journey.scrutiny:
            journey.decide("admission", "scrutiny")
        key = self._registry.keys.get(journey.key_id) if journey.key_id else None
        await self._limiter.admit(
            sender.tenant,
            journey.key_id,
            key.requests_per_minute if key else None,
            key.tokens_per_day if key else None,
            request.address if sender.how == "gateway" else None,
        )
        if request.template:
            self._render(journey)
        journey.decide("admission", "admitted", sender=sender.how)
        if request.kind == "cancel":
            _cancel(journey)

    def _within_limits(self, journey: Journey) -> None:
        request, limits = journey.asked, self._settings.limits
        size = sum(len(m.text) for m in request.messages) + len(request.prompt or "") + sum(map(len, request.input))
        if size > limits.prompt_chars:
            raise TooLarge(f"the prompt has {size} characters, {limits.prompt_chars} are allowed", param="messages")
        check(request, self._registry.policy(journey.policy, journey.tenant).bounds)
        allowed = limits.deadline_s if request.priority == "interactive" else limits.batch_deadline_s
        journey.deadline = request.deadline or journey.received + timedelta(seconds=allowed)
        if journey.deadline <= now():
            raise Expired(f"the deadline {journey.deadline.isoformat()} had passed before the request was read")

    def _render(self, journey: Journey) -> None:
        request = journey.asked
        if request.template is None:
            return
        prompt, text = self._registry.render(request.template)
        journey.prompt_version = f"{prompt.name}@{prompt.version}"
        message = Message(role=prompt.role, content=text)
        messages = (message, *request.messages) if prompt.role == "system" else (*request.messages, message)
        journey.request = request.model_copy(update={"messages": messages})


def _cancel(journey: Journey) -> None:
    """A cancel has two effects: its target ends now, and it is itself answered."""
    target = str(journey.asked.target)
    error = Cancelled(f"cancelled by request {journey.id}")
    pins = journey.pins
    common = {"tenant": journey.tenant, "trace": journey.trace}
    journey.cancel = Cancel(id=target, **common)
    journey.results.append(
        Ended(
            id=target,
            pins=pins.model_copy(update={"digest": ANY_DIGEST}),
            status="cancelled",
            error=error.body(),
            **common,
        )
    )
    journey.results.append(Final(id=journey.id, pins=pins, text=target, **common))
    journey.decide("admission", "cancelled", target=target)
