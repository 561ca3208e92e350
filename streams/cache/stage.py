"""The exact cache on the way in: the same question under the same pins was answered before."""

from infra.metrics import Metrics
from schemas.results import Final
from streams.cache.key import cache_key
from streams.cache.store import AnswerCache
from streams.journey import Journey

SCORED = ("classify", "rerank")
"""Kinds whose answers are scores, which are not kept."""


class Recall:
    """The stage that answers from the cache. Pictures and whoever asks for a fresh answer pass by.

    What has a cache key and is not found is computed once for all who ask it now (``streams.inference.flights``).
    """

    def __init__(self, cache: AnswerCache, metrics: Metrics) -> None:
        self._cache, self._metrics = cache, metrics

    async def __call__(self, journey: Journey) -> None:
        request = journey.asked
        if not request.cache or request.kind in SCORED or journey.attachments or not self._cache.enabled:
            return
        if journey.placeholders:  # the same names stand for others' values elsewhere
            return
        journey.cache_key = cache_key(
            journey.tenant or "", journey.candidates[0], journey.prompt_version, journey.policy, journey.rules, request
        )
        found = await self._cache.get(journey.cache_key)
        self._metrics.cache(found is not None)
        journey.decide("cache", "hit" if found else "miss")
        if found:
            journey.results.append(
                Final(
                    id=journey.id,
                    tenant=journey.tenant,
                    trace=journey.trace,
                    pins=journey.pins,
                    text=found.text,
                    embeddings=found.embeddings,
                    finish_reason=found.finish_reason,
                    logprobs=found.logprobs,
                    others=found.others,
                    usage=found.usage,
                    model=journey.candidates[0],
                    engine=found.versions.engine or "",
                    cached=True,
                )
            )
