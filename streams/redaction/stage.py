"""Redaction that can be undone: what goes to a remote model wears a disguise, and what it answers loses it again.

A stage before routing says whether there is one, so that routing may choose a remote model for a text that would have
to stay local; one after it puts it on, when a model that may answer is remote. The same disguise serves all models of
the chain. What it hides is pinned, sealed, so that the way out needs nothing else.
"""

from collections.abc import Sequence
from functools import partial

from infra.vault.vault import Vault
from schemas.screening import Action
from streams.erasure.subjects import who
from streams.journey import Journey
from streams.redaction.disguise import Disguise, disguised
from streams.redaction.numbers import Numbers, Value
from streams.redaction.sealed import sealed
from streams.registry import Registry
from streams.screening.screener import Screener
from streams.screening.stage import screen_request

KINDS = ("chat", "completion")


class Disguising:
    """The two stages around routing."""

    def __init__(self, screener: Screener, registry: Registry, numbers: Numbers, vault: Vault) -> None:
        self._screener, self._registry, self._numbers, self._vault = screener, registry, numbers, vault

    async def prepare(self, journey: Journey) -> None:
        """Note a disguise, if policy wants one and it is enough: what is left must not have to stay local. Pictures
        cannot wear one."""
        request, verdict = journey.unscreened, journey.verdict
        policy = self._registry.policy(journey.policy, journey.tenant).screening
        if policy.remote != "placeholders" or not verdict or not verdict.findings or not request:
            return
        if request.kind not in KINDS or journey.attachments:
            return
        found = await disguised(request, self._screener, policy, partial(self._number, journey))
        if found is None:
            return
        request, left = screen_request(found.request, self._screener, policy, journey.policy)
        if left.action in (Action.ALLOW, Action.REDACT):
            journey.disguise = Disguise(request, found.known)

    async def put_on(self, journey: Journey) -> None:
        """When a model that may answer is remote."""
        disguise = journey.disguise
        if disguise is None or all(candidate.local for candidate in journey.candidates):
            return
        key = await self._key(journey)
        journey.placeholders = await sealed(self._vault, key, disguise.known, journey.tenant, journey.id)
        journey.request = disguise.request
        journey.decide("screening", "disguised", placeholders=len(disguise.known.values))

    async def _number(self, journey: Journey, values: Sequence[Value]) -> Sequence[int]:
        key = await self._key(journey)
        number = self._numbers.within(self._vault, key, journey.tenant, journey.asked.conversation)
        return await number(values)

    async def _key(self, journey: Journey) -> str:
        """The data key of whom the request is about; there is one also where nothing else is sealed."""
        if journey.subject or journey.sender is None:
            return journey.subject or await self._vault.current(None, None)
        said = {"user": journey.asked.user, "on_behalf_of": journey.asked.on_behalf_of}
        return await self._vault.current(journey.tenant, who(journey.sender, said))
