"""The rest of the API, and what holds for all of it: embeddings, models, feedback, health, limits, CORS, OpenAPI."""

import asyncio
import re
from typing import Any

import openai
import pytest

from schemas.errors import NotFound
from streams.gateway.openapi import OPERATIONS, document
from tests.streams.gateway.conftest import MakeGateway
from tests.streams.gateway.doubles import Gateway, Reply

MESSAGES: list[Any] = [{"role": "user", "content": "q"}]


@pytest.mark.parametrize("encoding", ["float", "base64", None])
async def test_embeddings(gateway: MakeGateway, encoding: Any) -> None:
    """The client asks for base64 when it is told nothing."""
    gate = await gateway()
    more = {"encoding_format": encoding} if encoding == "float" else {}
    answer = await gate.openai().embeddings.create(model="small", input=["一", "two"], **more)
    assert [item.embedding for item in answer.data] == [[0.5, 0.0], [0.5, 1.0]]
    assert gate.platform.said("requests")[0]["input"] == ["一", "two"]


async def test_base64_embeddings_are_text(gateway: MakeGateway) -> None:
    gate = await gateway()
    body = {"input": "one", "encoding_format": "base64"}
    async with gate.http.post("/v1/embeddings", json=body, headers=gate.headers()) as answer:
        assert (await answer.json())["data"][0]["embedding"] == "AAAAPwAAAAA="


@pytest.mark.parametrize(
    ("more", "best"),
    [
        ({}, [(1, None), (0, None), (2, None)]),  # all, of two alike the first one first
        ({"top_n": 1, "return_documents": True}, [(1, {"text": "河水推动水轮机"})]),
    ],
)
async def test_reranking(gateway: MakeGateway, more: dict[str, Any], best: list[Any]) -> None:
    gate = await gateway()
    body = {"model": "small", "query": "what turns?", "documents": ["tea", "河水推动水轮机", "sea"], **more}
    async with gate.http.post("/v1/rerank", json=body, headers=gate.headers()) as answer:
        results = (await answer.json())["results"]
    assert [(result["index"], result.get("document")) for result in results] == best
    assert results[0]["relevance_score"] == 0.07
    [asked] = gate.platform.said("requests")
    assert (asked["kind"], asked["prompt"], asked["input"]) == ("rerank", "what turns?", body["documents"])


async def test_models(gateway: MakeGateway) -> None:
    gate = await gateway()
    client = gate.openai()
    assert [model.id async for model in client.models.list()] == ["small"]
    assert (await client.models.retrieve("small")).owned_by == "headrace"


async def test_feedback_is_published_under_its_request(gateway: MakeGateway) -> None:
    gate = await gateway()
    body = {"request_id": "r1", "thumb": "down", "correction": "应为 42"}
    async with gate.http.post("/v1/feedback", json=body, headers=gate.headers()) as answer:
        told = await answer.json()
    assert (answer.status, told["status"], told["request_id"]) == (201, "accepted", "r1")
    [said] = gate.platform.said("feedback")
    assert (said["tenant"], said["correction"], said["id"]) == ("acme", "应为 42", told["id"])
    assert gate.platform.records[0].key == b"r1"


async def test_feedback_for_nothing_is_a_404(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["r1"] = Reply(error=NotFound("no such request", param="request_id"))
    body = {"request_id": "r1", "thumb": "up"}
    async with gate.http.post("/v1/feedback", json=body, headers=gate.headers()) as answer:
        assert (answer.status, (await answer.json())["error"]["param"]) == (404, "request_id")


async def test_health(gateway: MakeGateway) -> None:
    gate = await gateway()
    for path in ("/health/live", "/health/ready"):
        async with gate.http.get(path) as answer:
            assert answer.status == 200
    gate.ready["kafka"] = False
    async with gate.http.get("/health/ready") as answer:
        assert (answer.status, (await answer.json())["checks"]["kafka"]) == (503, False)


async def test_metrics_count_by_route(gateway: MakeGateway) -> None:
    gate = await gateway()
    async with gate.http.get("/v1/files/some-id", headers=gate.headers()), gate.http.get("/wp-login.php"):
        pass
    async with gate.http.get("/metrics") as answer:
        told = await answer.text()
    assert 'route="/v1/files/{id}",status="404"' in told
    assert "wp-login" not in told
    assert "some-id" not in told


async def test_too_many_at_once(gateway: MakeGateway) -> None:
    gate = await gateway(in_flight=1)
    gate.platform.replies["q"] = Reply("late", pause_s=0.3)
    first = asyncio.create_task(gate.openai().chat.completions.create(model="small", messages=MESSAGES))
    await gate.platform.published()
    with pytest.raises(openai.InternalServerError) as caught:
        await gate.openai().chat.completions.create(model="small", messages=MESSAGES)
    assert (caught.value.status_code, caught.value.code) == (503, "overloaded")
    assert caught.value.response.headers["retry-after"] == "1"
    async with gate.http.get("/health/live") as answer:
        assert answer.status == 200
    assert (await first).choices[0].message.content == "late"


async def _preflight(gate: Gateway, origin: str) -> Any:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    async with gate.http.options("/v1/chat/completions", headers=headers) as answer:
        return answer.status, answer.headers.get("Access-Control-Allow-Origin")


async def test_cors_is_off(gateway: MakeGateway) -> None:
    gate = await gateway()
    assert await _preflight(gate, "https://app.example") == (405, None)
    async with gate.http.get("/v1/models", headers=gate.headers(Origin="https://app.example")) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_cors_for_listed_origins(gateway: MakeGateway) -> None:
    gate = await gateway(cors_origins=("https://app.example",))
    assert await _preflight(gate, "https://app.example") == (204, "https://app.example")
    assert await _preflight(gate, "https://evil.example") == (405, None)
    body = {"messages": MESSAGES, "stream": True}
    headers = gate.headers(Origin="https://app.example")
    async with gate.http.post("/v1/chat/completions", json=body, headers=headers) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert answer.headers["Vary"] == "Origin"


async def test_openapi_describes_every_route(gateway: MakeGateway) -> None:
    gate = await gateway()
    async with gate.http.get("/openapi.json") as answer:
        told = await answer.json()
    assert told["openapi"] == "3.1.0"
    assert {(row.method.upper(), row.path) for row in OPERATIONS} == gate.routes - {("GET", "/openapi.json")}


def test_openapi_refers_to_what_is_there() -> None:
    told = document()
    names = set(re.findall(r"#/components/schemas/(\w+)", str(told)))
    assert names <= set(told["components"]["schemas"])
    assert {"messages", "max_completion_tokens"} <= set(told["components"]["schemas"]["Chat"]["properties"])
