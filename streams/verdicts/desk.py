"""``POST /v1/screen``: a text in, its verdict out."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from infra.keys import KeyRing
from infra.metrics import Metrics
from infra.settings import Settings
from streams.gateway.access import Access, Caller
from streams.gateway.bodies import read_object
from streams.gateway.doors import counted, measured
from streams.gateway.errors import shaped
from streams.gateway.health import Health
from streams.gateway.replies import reply
from streams.screening.scan import asked, shape
from streams.verdicts.judge import Judge

Ready = Callable[[], Awaitable[Mapping[str, bool]]]


class Desk:
    """A text is screened under the policy of whose key it comes with; limits are kept before anything is parsed."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    async def screen(self, http: web.Request, caller: Caller) -> web.Response:
        one = asked(await read_object(http), caller.request_id)
        verdict = self._judge.verdict(one, caller.tenant)
        said = {"policy": verdict.policy, "rules": verdict.rules, "reason": verdict.reason}
        return reply({"id": one.id, **shape(verdict), **said})


def create_desk(settings: Settings, keys: KeyRing, judge: Judge, metrics: Metrics, ready: Ready) -> web.Application:
    app = web.Application(
        client_max_size=settings.gateway.body_bytes,
        middlewares=[measured(metrics), shaped, counted(settings.gateway.in_flight)],
    )
    guarded = Access(keys).scoped("requests", Desk(judge).screen)
    app.add_routes([web.post("/v1/screen", guarded), *Health(ready, metrics).routes()])
    return app
