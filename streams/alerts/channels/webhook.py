"""Web hooks: our own shape, signed; Slack's; and that of WeCom group robots (企业微信群机器人)."""

import time
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from typing import Any

import orjson
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector

from streams.alerts.channels.port import NotDelivered
from streams.alerts.document import Language
from streams.alerts.engine import Alert
from streams.alerts.texts import body, moment, title
from streams.gateway.callbacks import AGAIN, Hosts, signature

ATTEMPT = ClientTimeout(total=10.0)
ANSWER_BYTES = 4096
WECOM_BYTES = 4096
SLACK_CHARS = 3000
WECOM_BUSY = frozenset({-1, 45009, 45033})
Shape = Callable[[Alert, Language], dict[str, Any]]


def own(alert: Alert, language: Language) -> dict[str, Any]:
    """All fields; ``id`` is the same when an alert is sent again."""
    times = {"since": moment(alert.since_ms), "until": moment(alert.until_ms)}
    told = {name: value for name, value in asdict(alert).items() if name not in ("since_ms", "until_ms", "channels")}
    return {"id": id_of(alert), **told, **times, "title": title(alert, language), "text": body(alert, language)}


def slack(alert: Alert, language: Language) -> dict[str, Any]:
    """Slack's incoming webhooks. Escaped as it asks, so that an event mentions nobody and links nowhere."""
    text = body(alert, language).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": text[:SLACK_CHARS], "unfurl_links": False, "unfurl_media": False}


def wecom(alert: Alert, language: Language) -> dict[str, Any]:
    """As plain text, in which WeCom reads no marks, at most 2,048 bytes as it allows; nobody is mentioned."""
    text = body(alert, language).encode()[: WECOM_BYTES // 2].decode(errors="ignore")
    return {"msgtype": "text", "text": {"content": text}}


SHAPES: dict[str, Shape] = {"webhook": own, "slack": slack, "wecom": wecom}


class Hook:
    """Posts to one URL, where ``hosts`` lets it; redirects are answers, not orders."""

    def __init__(self, kind: str, url: str, hosts: Hosts, language: Language, key: str | None = None) -> None:
        hosts.check(url)
        self._kind, self._url, self._hosts, self._language, self._key = kind, url, hosts, language, key
        self._session: ClientSession | None = None

    async def send(self, alert: Alert) -> None:
        value = orjson.dumps(SHAPES[self._kind](alert, self._language))
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["headrace-signature"] = signature(value, self._key.encode(), int(time.time()))
        try:
            async with self._client().post(self._url, data=value, headers=headers, allow_redirects=False) as answer:
                await self._judge(answer)
        except (ClientError, TimeoutError, OSError) as error:
            raise NotDelivered(f"nobody answered ({type(error).__name__})") from error

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _judge(self, answer: ClientResponse) -> None:
        if not 200 <= answer.status < 300:
            again = answer.status >= 500 or answer.status in AGAIN
            raise NotDelivered(f"the answer was status {answer.status}", again=again)
        if self._kind == "wecom":
            code = _errcode(await answer.content.read(ANSWER_BYTES))
            if code != 0:
                raise NotDelivered(f"WeCom answered errcode {code}", again=code in WECOM_BUSY)

    def _client(self) -> ClientSession:
        if self._session is None:
            connector = TCPConnector(resolver=self._hosts, limit=4, use_dns_cache=False)
            self._session = ClientSession(connector=connector, timeout=ATTEMPT, trust_env=False)
        return self._session


def _errcode(answer: bytes) -> int:
    """WeCom says with status 200 what went wrong; -1 is that it said nothing that can be read."""
    try:
        return int(orjson.loads(answer)["errcode"])
    except (ValueError, KeyError, TypeError):
        return -1


def id_of(alert: Alert) -> str:
    """What a receiver knows a repeat by."""
    text = f"{alert.rule}\n{alert.source}\n{alert.repeated}"
    return sha256(text.encode()).hexdigest()[:32]
