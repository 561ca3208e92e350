"""Feedback: joined with its request and answer, personal data redacted, and published as an example to learn from."""

from typing import Any

from schemas.feedback import Example, Feedback
from schemas.responses import Response
from schemas.results import Final
from streams.admission.entry import Entry
from streams.feedback.join import Join
from streams.feedback.trigger import Trigger
from streams.journey import Journey
from streams.outbox import Outbox
from streams.registry import Registry
from streams.screening.screener import Screener
from streams.screening.stage import screen_request


class FeedbackIntake:
    """The intake of ``feedback``; its answer says that the opinion was recorded."""

    def __init__(
        self, entry: Entry, join: Join, registry: Registry, screener: Screener, outbox: Outbox, trigger: Trigger
    ) -> None:
        self._entry, self._join, self._registry = entry, join, registry
        self._screener, self._outbox, self._trigger = screener, outbox, trigger

    async def __call__(self, journey: Journey, body: dict[str, Any]) -> None:
        journey.kind = "feedback"
        feedback = await self._entry(journey, body, Feedback, "feedback")
        if journey.dropped:
            return
        tenant = str(feedback.tenant)
        response = await self._join.response(tenant, feedback.request_id)
        if example := await self._example(journey, feedback, response):
            await self._outbox.example(example)
            if example.correction and example.model:
                await self._trigger.count(tenant, example.model, example.id)
        journey.decide("feedback", "recorded", about=feedback.request_id, example=example is not None)
        journey.results.append(
            Final(id=journey.id, tenant=journey.tenant, trace=journey.trace, pins=journey.pins, text="recorded")
        )

    async def _example(self, journey: Journey, feedback: Feedback, response: Response) -> Example | None:
        request = await self._join.request(response)
        if request is None or not request.messages:
            return None
        policy = self._registry.policy(journey.policy, journey.tenant).screening
        clean, _ = screen_request(request, self._screener, policy, journey.policy)
        correction = feedback.correction
        if correction is not None:
            correction = self._screener.screen(correction, "document", policy, journey.policy).text
        return Example(
            id=journey.id,
            tenant=journey.tenant,
            time=feedback.time,
            request_id=feedback.request_id,
            model=(response.versions.model or "").partition("@")[0] or None,
            messages=clean.messages,
            answer=response.text,
            correction=correction,
            thumb=feedback.thumb,
            rating=feedback.rating,
            source=journey.record.source,
            subject=response.subject or journey.subject,
        )
