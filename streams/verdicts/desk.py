"""``POST /v1/screen``: a text in, its verdict out."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from infra.keys import KeyRing
from infra.metrics import Metrics
from infra.settings import Settings
from schemas.errors import HeadraceError
from streams.gateway.access import Access, Caller
from streams.gateway.bodies import read_object
from streams.gateway.doors import counted, measured
from streams.gateway.errors import shaped
from streams.gateway.health import Health
from streams.gateway.replies import reply
from streams.outbox import Outbox
from streams.screening.scan import asked, shape
from streams.verdicts.judge import Asker, Judge, answer

Ready = Callable[[], Awaitable[Mapping[str, bool]]]


class Desk:
    """A text is screened under the policy of whose key it comes with; limits are kept before anything is parsed. What
    is answered was published before, for the auditors."""

    def __init__(self, judge: Judge, keys: KeyRing, outbox: Outbox) -> None:
        self._judge, self._keys, self._outbox = judge, keys, outbox

    async def screen(self, http: web.Request, caller: Caller) -> web.Response:
        one = asked(await read_object(http), caller.request_id)
        asker = Asker(caller.tenant, self._keys.get(caller.key_id), caller.address)
        try:
            verdict = await self._judge.verdict(one, asker)
        except HeadraceError as error:
            await self._outbox.screened(answer(str(one.id), asker, error, caller.trace))
            raise
        await self._outbox.screened(answer(str(one.id), asker, verdict, caller.trace))
        said = {"policy": verdict.policy, "rules": verdict.rules, "reason": verdict.reason}
        return reply({"id": one.id, **shape(verdict), **said})


def create_desk(
    settings: Settings, keys: KeyRing, judge: Judge, outbox: Outbox, metrics: Metrics, ready: Ready
) -> web.Application:
    app = web.Application(
        client_max_size=settings.gateway.body_bytes,
        middlewares=[measured(metrics), shaped, counted(settings.gateway.in_flight)],
    )
    guarded = Access(keys).scoped("requests", Desk(judge, keys, outbox).screen)
    app.add_routes([web.post("/v1/screen", guarded), *Health(ready, metrics).routes()])
    return app
