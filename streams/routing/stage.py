"""Routing on the way in: the policy's choice among the models of the manifest and the registry."""

from dataclasses import replace

from schemas.work import ModelPin, Work
from streams.journey import Journey
from streams.registry import Registry
from streams.routing.cards import ModelCard
from streams.routing.facts import facts_of
from streams.routing.health import Health
from streams.routing.router import route
from workers.models.manifest import Manifest

MOST_TENANTS = 1000


class RouteStage:
    """The stage that names the models which may answer, in order."""

    def __init__(self, registry: Registry, manifest: Manifest, health: Health) -> None:
        self._registry, self._manifest, self._health = registry, manifest, health
        self._known: dict[str | None, tuple[int, dict[str, ModelCard]]] = {}

    async def __call__(self, journey: Journey) -> None:
        policy = self._registry.policy(journey.policy, journey.tenant).routing
        facts = facts_of(journey.asked, journey.id, journey.tenant, journey.verdict)
        if journey.disguise:
            facts = replace(facts, local_only=False)
        decided = route(facts, policy, self._models(journey.tenant), self._health.resting(policy.circuit))
        journey.candidates = decided.candidates
        journey.decide("routing", "routed", str(decided.candidates[0]), why="; ".join(decided.reasons)[:300])

    def _models(self, tenant: str | None) -> dict[str, ModelCard]:
        """The cards for a tenant, made anew only when a model version changed."""
        revision, known = self._known.get(tenant, (-1, {}))
        if revision != self._registry.revision:
            known = cards(self._manifest, self._registry, tenant)
            self._known[tenant] = (self._registry.revision, known)
            if len(self._known) > MOST_TENANTS:
                self._known.clear()
        return known


async def dispatch(journey: Journey) -> None:
    """The last stage: what is left becomes work for the first candidate's pool."""
    journey.work = work_of(journey, journey.candidates)


def work_of(journey: Journey, candidates: tuple[ModelPin, ...]) -> Work:
    """The work that a routed journey comes to."""
    request, first = journey.asked, candidates[0]
    return Work(
        id=journey.id,
        tenant=journey.tenant,
        trace=journey.trace,
        kind=request.kind if request.kind != "cancel" else "chat",
        pool=first.pool,
        pins=journey.pins,
        model=first,
        fallbacks=candidates[1:],
        messages=request.messages,
        prompt=request.prompt,
        input=request.input,
        labels=request.labels,
        attachments=journey.attachments,
        sampling=request.sampling,
        deadline=journey.deadline,
    )


def cards(manifest: Manifest, registry: Registry, tenant: str | None) -> dict[str, ModelCard]:
    """What routing knows of every model now. What was learnt from one tenant's words serves that tenant only."""
    return {
        entry.name: ModelCard(
            name=entry.name,
            version=entry.version,
            pool=entry.pool,
            local=entry.local,
            capabilities=frozenset(entry.capabilities),
            adapters=tuple(
                version for version in registry.model_versions(entry.name) if version.tenant in (None, tenant)
            ),
        )
        for entry in manifest.models
    }
