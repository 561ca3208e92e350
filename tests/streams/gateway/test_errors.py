"""Bad input over HTTP: each gets its status and its code, never a 500, and nothing reaches the log."""

from typing import Any

import orjson
import pytest
from aiohttp import ClientSession

from tests.streams.gateway.conftest import MakeGateway

CHAT = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "q"}]


def _chat(**fields: Any) -> bytes:
    return orjson.dumps({"model": "small", "messages": MESSAGES, **fields})


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "param"),
    [
        # malformed JSON
        (CHAT, b'{"messages": [', 400, "invalid_json", None),
        # no JSON at all
        (CHAT, b"", 400, "invalid_json", None),
        # bytes that are no UTF-8
        (CHAT, b'{"model": "\xff"}', 400, "invalid_json", None),
        # not an object
        (CHAT, b"[1]", 400, "invalid_json", None),
        # numbers that are none
        (CHAT, b'{"messages": [], "temperature": NaN}', 400, "invalid_json", None),
        (CHAT, b'{"messages": [], "temperature": Infinity}', 400, "invalid_json", None),
        # nested beyond reason
        (CHAT, b'{"messages": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400, "invalid_json", None),
        # an unknown field
        (CHAT, _chat(colour="red"), 400, "invalid_field", "colour"),
        # fields that the caller may not set
        (CHAT, _chat(tenant="globex"), 400, "invalid_field", "tenant"),
        (CHAT, _chat(on_behalf_of="key"), 400, "invalid_field", "on_behalf_of"),
        # a field of OpenAI's that does nothing here is refused, not dropped
        (CHAT, _chat(tools=[]), 400, "invalid_field", "tools"),
        # wrong types: nothing is coerced
        (CHAT, _chat(temperature="hot"), 400, "invalid_field", "temperature"),
        (CHAT, _chat(max_tokens="5"), 400, "invalid_field", "max_tokens"),
        (CHAT, _chat(stream="yes"), 400, "invalid_field", "stream"),
        (CHAT, _chat(stop=7), 400, "invalid_field", "stop"),
        (CHAT, _chat(stop=[7]), 400, "invalid_field", "stop.0"),
        # out of range
        (CHAT, _chat(temperature=3), 400, "invalid_field", "temperature"),
        (CHAT, _chat(max_tokens=0), 400, "invalid_field", "max_tokens"),
        (CHAT, _chat(n=10_000), 400, "invalid_field", "n"),
        (CHAT, _chat(n=0), 400, "invalid_field", "n"),
        (CHAT, _chat(top_k=-1), 400, "invalid_field", "top_k"),
        (CHAT, _chat(min_p=1), 400, "invalid_field", "min_p"),
        (CHAT, _chat(repetition_penalty=0), 400, "invalid_field", "repetition_penalty"),
        (CHAT, _chat(logit_bias={"7": 101}), 400, "invalid_field", "logit_bias.7"),
        (CHAT, _chat(logit_bias={"seven": 1}), 400, "invalid_field", "logit_bias.seven"),
        (CHAT, _chat(logit_bias={str(i): 1 for i in range(301)}), 400, "invalid_field", "logit_bias"),
        (CHAT, _chat(logprobs=True, top_logprobs=21), 400, "invalid_field", "top_logprobs"),
        (CHAT, _chat(top_logprobs=1), 400, "invalid_field", None),
        (CHAT, _chat(logprobs=True, max_tokens=32_768, n=8), 400, "invalid_field", None),
        ("/v1/completions", b'{"prompt": "q", "logprobs": 21}', 400, "invalid_field", "logprobs"),
        ("/v1/completions", b'{"prompt": "q", "logprobs": true}', 400, "invalid_field", "logprobs"),
        # forms: without what they are, of no kind, with too much of it
        (CHAT, _chat(response_format={"type": "json_schema"}), 400, "invalid_field", "response_format"),
        (CHAT, _chat(response_format={"type": "regex", "pattern": ""}), 400, "invalid_field",
         "response_format.pattern"),
        (CHAT, _chat(response_format={"type": "xml"}), 400, "invalid_field", "response_format.type"),
        (CHAT, _chat(response_format={"type": "json_schema", "json_schema": {"enum": list(range(5000))}}), 400,
         "invalid_field", "response_format.json_schema"),
        (CHAT, _chat(deadline_s=0), 400, "invalid_field", "deadline_s"),
        (CHAT, _chat(model="a b"), 400, "invalid_field", "model"),
        # messages: none, of no role, of no content, of an unknown part, with a picture to be fetched
        (CHAT, b'{"model": "small"}', 400, "invalid_field", None),
        (CHAT, _chat(messages="q"), 400, "invalid_field", "messages"),
        (CHAT, _chat(messages=[{"role": "boss", "content": "q"}]), 400, "invalid_field", "messages.0.role"),
        (CHAT, _chat(messages=[{"role": "user"}]), 400, "invalid_field", "messages.0.content"),
        (CHAT, _chat(messages=[{"role": "user", "content": [{"type": "audio"}]}]), 400, "invalid_field",
         "messages.0.content.0"),
        (CHAT, _chat(messages=[{"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": "http://169.254.169.254/"}}]}]), 400, "invalid_field",
         "messages.0.content.0.image_url.url"),
        # too long a prompt for one field
        (CHAT, _chat(messages=[{"role": "user", "content": "x" * 400_001}]), 400, "invalid_field",
         "messages.0.content"),
        # over the body limit
        (CHAT, _chat(user="x" * 600_000), 413, "too_large", None),
        # completions and embeddings
        ("/v1/completions", b'{"model": "small"}', 400, "invalid_field", "prompt"),
        ("/v1/completions", b'{"prompt": "q", "best_of": 3}', 400, "invalid_field", "best_of"),
        ("/v1/embeddings", b'{"model": "small"}', 400, "invalid_field", "input"),
        ("/v1/embeddings", b'{"input": []}', 400, "invalid_field", "input"),
        ("/v1/embeddings", b'{"input": [[1, 2]]}', 400, "invalid_field", "input.0"),
        ("/v1/embeddings", b'{"input": "q", "dimensions": 8}', 400, "invalid_field", "dimensions"),
        ("/v1/embeddings", b'{"input": "q", "encoding_format": "hex"}', 400, "invalid_field", "encoding_format"),
        # reranking
        ("/v1/rerank", b'{"query": "q", "documents": []}', 400, "invalid_field", "documents"),
        ("/v1/rerank", b'{"query": "", "documents": ["a"]}', 400, "invalid_field", "query"),
        ("/v1/rerank", b'{"query": "q", "documents": ["a"], "top_n": 0}', 400, "invalid_field", "top_n"),
        # submissions
        ("/v1/requests", b'{"kind": "cancel", "target": "x"}', 400, "invalid_field", "kind"),
        ("/v1/requests", b'{"kind": "embedding"}', 400, "invalid_field", None),
        ("/v1/requests", b'{"messages": [{"role": "user", "content": "q"}], "stream": true}', 400, "invalid_field",
         "stream"),
        # feedback that says nothing, or too much
        ("/v1/feedback", b'{"request_id": "x"}', 400, "invalid_field", None),
        ("/v1/feedback", b'{"request_id": "x", "rating": 9}', 400, "invalid_field", "rating"),
        ("/v1/feedback", b'{"rating": 5}', 400, "invalid_field", "request_id"),
    ],
)  # fmt: skip
async def test_bad_bodies(  # every row says what the client reads
    gateway: MakeGateway, path: str, body: bytes, status: int, code: str, param: str | None
) -> None:
    gate = await gateway(body_bytes=500_000)
    headers = gate.headers(Content_Type="application/json")
    async with gate.http.post(path, data=body, headers=headers) as answer:
        told = await answer.json()
    assert (answer.status, told["error"]["code"], told["error"]["param"]) == (status, code, param), told
    assert told["error"]["type"] == "invalid_request_error"
    assert told["error"]["message"]
    assert answer.headers["X-Request-Id"]
    assert not gate.platform.records


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        # no key, no scheme, an unknown key, a key of the wrong form
        ("POST", CHAT, {"Authorization": ""}, 401, "invalid_api_key"),
        ("POST", CHAT, {"Authorization": "Basic eDp5"}, 401, "invalid_api_key"),
        ("POST", CHAT, {"Authorization": "Bearer hr-0123456789ab-00"}, 401, "invalid_api_key"),
        ("POST", CHAT, {"Authorization": "Bearer 密钥"}, 401, "invalid_api_key"),
        ("GET", "/v1/models", {"Authorization": ""}, 401, "invalid_api_key"),
        # no JSON announced
        ("POST", CHAT, {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        # ids that cannot be
        ("POST", CHAT, {"X-Request-Id": "a b"}, 400, "invalid_field"),
        ("POST", CHAT, {"X-Request-Id": "a#b"}, 400, "invalid_field"),
        ("POST", CHAT, {"X-Request-Id": "x" * 121}, 400, "invalid_field"),
        ("POST", CHAT, {"Idempotency-Key": "x" * 256}, 400, "invalid_field"),
        # no such place, no such method, no such thing
        ("GET", "/v1/nothing", {}, 404, "not_found"),
        ("GET", CHAT, {}, 405, "method_not_allowed"),
        ("GET", "/v1/models/none", {}, 404, "model_not_found"),
        ("GET", "/v1/files/none", {}, 404, "not_found"),
        ("GET", "/v1/files/..%2f..%2fmaster-key", {}, 404, "not_found"),
        ("GET", "/v1/requests/none", {}, 404, "not_found"),
    ],
)
async def test_bad_calls(
    gateway: MakeGateway, method: str, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    gate = await gateway()
    sent = {"Content-Type": "application/json", **gate.headers(), **headers}
    async with gate.http.request(method, path, data=_chat() if method == "POST" else None, headers=sent) as answer:
        told = await answer.json()
    assert (answer.status, told["error"]["code"]) == (status, code), told
    assert answer.headers["x-should-retry"] == "false"
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert not gate.platform.records


async def test_a_revoked_key_is_told_so(gateway: MakeGateway) -> None:
    gate = await gateway()
    record = gate.ring.authenticate(gate.key)
    gate.ring.apply(record.model_copy(update={"revoked": True}))
    async with gate.http.get("/v1/models", headers=gate.headers()) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (401, "key_revoked")


@pytest.mark.parametrize(
    ("scopes", "path", "status"),
    [
        # each scope opens its own doors
        (["files"], CHAT, 403),
        (["requests"], "/v1/feedback", 403),
        (["requests"], "/v1/files", 403),
        (["requests"], CHAT, 200),
        # an administrator's key opens all
        (["admin"], CHAT, 200),
        # a gateway's speaks on the log, not here
        (["gateway"], CHAT, 403),
    ],
)
async def test_scopes(gateway: MakeGateway, scopes: list[str], path: str, status: int) -> None:
    gate = await gateway()
    headers = gate.headers(gate.issue("acme", scopes), Content_Type="application/json")
    async with gate.http.post(path, data=_chat(), headers=headers) as answer:
        assert answer.status == status


async def test_a_compressed_body_is_measured_unpacked(gateway: MakeGateway) -> None:
    import gzip

    gate = await gateway(body_bytes=100_000)
    headers = gate.headers(Content_Type="application/json", Content_Encoding="gzip")
    bomb = gzip.compress(_chat(user="x" * 50_000_000))
    async with ClientSession() as http, http.post(gate.url + CHAT, data=bomb, headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (413, "too_large")


async def test_a_defect_tells_nothing_of_itself(gateway: MakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = await gateway()

    async def broken(*_: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(gate.platform.answers, "find", broken)
    async with gate.http.get("/v1/requests/x", headers=gate.headers()) as answer:
        told = await answer.text()
    assert answer.status == 500
    assert "internal_error" in told
    assert "secret" not in told
