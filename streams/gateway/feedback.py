"""``POST /v1/feedback``."""

from collections.abc import Iterable

from aiohttp import web
from pydantic import ValidationError

from schemas.feedback import Feedback
from streams.gateway.access import Access, Caller
from streams.gateway.asked import Opinion
from streams.gateway.bodies import read
from streams.gateway.errors import completed, invalid_field
from streams.gateway.exchange import Exchange
from streams.gateway.replies import reply


class FeedbackDesk:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def routes(self, access: Access) -> Iterable[web.RouteDef]:
        return [web.post("/v1/feedback", access.scoped("feedback", self.create))]

    async def create(self, http: web.Request, caller: Caller) -> web.Response:
        """Answers when the feedback has been joined with its request, so one for nothing is a 404."""
        opinion = await read(http, Opinion)
        feedback = _feedback(opinion, caller)
        completed(await self._exchange.ask(feedback, caller))
        body = {"id": feedback.id, "object": "feedback", "request_id": feedback.request_id, "status": "accepted"}
        return reply(body, status=201)


def _feedback(opinion: Opinion, caller: Caller) -> Feedback:
    fields = opinion.model_dump(exclude_unset=True)
    try:
        said = {"user": caller.key_id, **fields}
        return Feedback(id=caller.request_id, tenant=caller.tenant, trace=caller.trace, **said)
    except ValidationError as error:
        raise invalid_field(error, fields) from error
