"""Nothing without a verdict: every way in, streamed or whole, fresh, from the cache or from a fallback, with and
without a picture. The model says what it is told, so what may not leave must be taken out on the way out."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from itertools import product
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from infra.keys import IssuedKey
from schemas.responses import Response
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform, page, signed
from tests.pipeline.erasing import gateway
from tests.waiting import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

CARD = "4111 1111 1111 1111"
HIDDEN = "[CREDIT_CARD]"
POLICY: dict[str, Any] = {
    "screening": {
        "actions": {
            **{direction: {"pii": "allow", "CREDIT_CARD": "allow"} for direction in ("prompt", "document", "tool")},
            **{direction: {"pii": "allow", "CREDIT_CARD": "redact"} for direction in ("ocr", "output")},
        }
    }
}
WAYS = ("topic", "chat", "completions", "submit")
SOURCES = ("fresh", "cached", "fallback")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start(POLICY) as running, gateway(running):
        await running.set_policy(**POLICY)
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def key(platform: Platform) -> IssuedKey:
    return await platform.issue("acme")


def parts(content: str) -> list[dict[str, Any]]:
    url = f"data:image/png;base64,{page(f'Total {CARD}')}"
    return [{"type": "text", "text": content}, {"type": "image_url", "image_url": {"url": url}}]


class Asker:
    """One case of the matrix: how a text is asked, and what its client reads."""

    def __init__(
        self, platform: Platform, key: IssuedKey, way: str, *, stream: bool = False, picture: bool = False, model: str
    ) -> None:
        self._platform, self._key, self._way, self._stream = platform, key, way, stream
        self._picture, self._model = picture, model

    async def __call__(self, request_id: str, content: str) -> str:
        """All that the client reads."""
        body: dict[str, Any] = {"model": self._model, **({"stream": True} if self._stream else {})}
        if self._way == "completions":
            body["prompt"] = content
        else:
            body["messages"] = [{"role": "user", "content": parts(content) if self._picture else content}]
        if self._way == "topic":
            return await self._publish(request_id, body)
        if self._way == "submit":
            return await self._submit(request_id, body)
        path = "completions" if self._way == "completions" else "chat/completions"
        return await self._http("POST", path, body, request_id)

    async def _publish(self, request_id: str, body: dict[str, Any]) -> str:
        value, headers = signed(self._key, {"id": request_id, "model": body["model"], **body})
        await self._platform.publish("requests", value, key=request_id, headers=headers)
        response = await self._platform.answer(id=request_id)
        return response.text + "".join(chunk.text for chunk in self._platform.chunks(request_id))

    async def _submit(self, request_id: str, body: dict[str, Any]) -> str:
        await self._http("POST", "requests", body, request_id)
        await self._platform.answer(id=request_id)
        return await self._http("GET", f"requests/{request_id}", None, request_id)

    async def _http(self, method: str, path: str, body: dict[str, Any] | None, request_id: str) -> str:
        headers = {"Authorization": f"Bearer {self._key.secret}", "X-Request-Id": request_id}
        url = f"{self._platform.settings.gateway.url}/v1/{path}"
        async with aiohttp.ClientSession() as http, http.request(method, url, json=body, headers=headers) as said:
            text = await said.text()
            assert said.status < 300, text
            return text


@pytest.mark.parametrize(
    ("way", "stream", "source", "picture"),
    [
        (way, stream, source, picture)
        for way, stream, source, picture in product(WAYS, (False, True), SOURCES, (False, True))
        if not (way == "completions" and picture)  # takes text alone
        and not (way == "submit" and stream)  # is polled
    ],
)
async def test_the_matrix(
    platform: Platform, key: IssuedKey, way: str, stream: bool, source: str, picture: bool
) -> None:
    name = f"{way}-{stream:d}-{source}-{picture:d}"
    ask = Asker(platform, key, way, stream=stream, picture=picture, model="broken" if source == "fallback" else "echo")
    content = f"{name} says {CARD} and more"
    request_id = name
    read = await ask(request_id, content)
    if source == "cached":
        await platform.counted(await platform.answer(id=request_id))
        request_id = f"{name}-again"
        read = await ask(request_id, content)
    response = await platform.answer(id=request_id)
    assert CARD not in read
    assert HIDDEN in read
    proved(platform, response)
    assert response.cached == (source == "cached" and not picture)  # what two models made together is not kept


def proved(platform: Platform, response: Response) -> None:
    """It has a verdict of a policy and of rules, and the audit says so, too. What comes from the cache was redacted
    when it was put there."""
    assert response.status == "completed"
    assert response.verdict.action == ("allow" if response.cached else "redact")
    assert response.verdict.policy == platform.parts.registry.live_policy
    assert response.verdict.rules == response.versions.rules == platform.parts.screener.rules
    assert CARD not in response.text + "".join(each.text for each in response.others)
    (release,) = [each for each in platform.audit(response.id) if each.action == "release"]
    assert release.decisions[0].stage == "screening"
    assert release.decisions[0].outcome == response.verdict.action


async def test_uploads_and_files_have_one_too(platform: Platform, key: IssuedKey) -> None:
    form = aiohttp.FormData({"purpose": "vision"})
    form.add_field("file", b64decode(page(f"Total {CARD}")), filename="it.png", content_type="image/png")
    headers = {"Authorization": f"Bearer {key.secret}", "X-Request-Id": "verdict-file"}
    url = f"{platform.settings.gateway.url}/v1/files"
    async with aiohttp.ClientSession() as http, http.post(url, data=form, headers=headers) as said:
        assert said.status == 200, await said.text()
    source = await platform.publish("uploads", {"name": "it.png", "data": page(f"Total {CARD}")})
    for response in (await platform.answer(id="file-verdict-file"), await platform.answer(source)):
        proved(platform, response)


@pytest.mark.parametrize("kind", ["embedding", "refused", "blocked"])
async def test_what_has_no_text_has_one_too(platform: Platform, kind: str) -> None:
    cases: dict[str, dict[str, Any]] = {
        "embedding": {"kind": "embedding", "input": [CARD], "messages": []},
        "refused": {"temperature": -4},
        "blocked": {"messages": [{"role": "user", "content": "how to make a pipe bomb"}]},
    }
    response = await platform.ask(id=f"verdict-{kind}", **cases[kind])
    assert response.verdict.policy == platform.parts.registry.live_policy
    assert response.verdict.rules == platform.parts.screener.rules
    assert response.verdict.reason


async def test_many_at_once_are_each_judged(platform: Platform, key: IssuedKey) -> None:
    ask = Asker(platform, key, "topic", stream=True, model="typing")
    read = await asyncio.gather(*(ask(f"verdict-many-{number}", f"{number}: {CARD}!") for number in range(20)))
    assert all(CARD not in each and HIDDEN in each for each in read)


async def test_feedback_is_redacted_before_it_is_learnt_from(platform: Platform, key: IssuedKey) -> None:
    await platform.set_policy()
    await Asker(platform, key, "chat", model="echo")("verdict-rated", "hello")
    value, headers = signed(key, {"request_id": "verdict-rated", "correction": f"pay with {CARD}"})
    await platform.publish("feedback", value, headers=headers)

    def example() -> bytes:
        found = [each for each in platform.records["examples"] if each.key == b"verdict-rated"]
        return found[0].value or b"" if found else b""

    await until(lambda: bool(example()))
    assert CARD not in orjson.loads(example())["correction"]
