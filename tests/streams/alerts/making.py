"""Alert documents, audit records and receivers for tests, with sensible defaults."""

import asyncio
from typing import Any

from aiohttp import web

from infra.broker import Record
from streams.alerts.document import AlertDocument
from streams.alerts.engine import Alert

HOOK = {"kind": "webhook", "url": "http://127.0.0.1:9/"}


def rule(**changes: Any) -> dict[str, Any]:
    return {"name": "refused", "when": {"outcome": ["refused"]}, "quiet_s": 60, "channels": ["ops"], **changes}


def document(*rules: dict[str, Any], channels: dict[str, Any] | None = None, language: str = "en") -> AlertDocument:
    given = {"name": "test", "language": language, "channels": channels or {"ops": HOOK}, "rules": rules or [rule()]}
    return AlertDocument.model_validate(given)


def audit(outcome: str = "refused", code: str = "rate_limit_exceeded", **changes: Any) -> dict[str, Any]:
    decided = {"stage": "admission", "outcome": outcome, "code": code, "detail": {}}
    told = {"id": "a1", "request_id": "r1", "tenant": "acme", "actor": "k1", "action": "admission", "status": outcome}
    return {**told, "decisions": [decided], **changes}


def at(second: float, offset: int = 0, partition: int = 0) -> Record:
    return Record("t.audit", partition, offset, None, None, (), int(second * 1000))


def alert(**changes: Any) -> Alert:
    given: dict[str, Any] = {
        "rule": "refused",
        "group": {"tenant": "acme"},
        "channels": ("ops",),
        "severity": "high",
        "count": 3,
        "since_ms": 1_700_000_000_000,
        "until_ms": 1_700_000_060_000,
        "action": "admission",
        "code": "rate_limit_exceeded",
        "request_id": "r1",
        "source": "t.audit:0:7",
    }
    return Alert(**{**given, **changes})


class Receiver:
    """A web server that keeps what it gets; answers with the given statuses, the last one again and again."""

    def __init__(self, *statuses: int, answer: bytes = b'{"errcode": 0}') -> None:
        self.statuses, self.answer = list(statuses or [200]), answer
        self.got: asyncio.Queue[tuple[bytes, dict[str, str]]] = asyncio.Queue()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> "Receiver":
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def next(self, timeout_s: float = 15) -> tuple[bytes, dict[str, str]]:
        return await asyncio.wait_for(self.got.get(), timeout_s)

    async def _take(self, request: web.Request) -> web.Response:
        self.got.put_nowait((await request.read(), dict(request.headers)))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status, body=self.answer)
