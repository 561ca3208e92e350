"""Submit now, read later: polling, waiting, withdrawing, and nobody else's."""

import asyncio
from typing import Any

import pytest

from tests.streams.gateway.conftest import MakeGateway
from tests.streams.gateway.doubles import Gateway, Reply

BODY = {"messages": [{"role": "user", "content": "q"}]}


async def _submit(gate: Gateway, body: dict[str, Any] | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
    async with gate.http.post("/v1/requests", json=body or BODY, headers=gate.headers(**headers)) as answer:
        told = await answer.json()
        if answer.status == 202:
            assert answer.headers["Location"] == f"/v1/requests/{told['id']}"
        return answer.status, told


async def _get(gate: Gateway, path: str, key: str | None = None, method: str = "GET") -> tuple[int, dict[str, Any]]:
    async with gate.http.request(method, f"/v1/requests/{path}", headers=gate.headers(key)) as answer:
        return answer.status, await answer.json()


async def test_submitted_then_polled(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply("answer", pause_s=0.1)
    status, told = await _submit(gate)
    assert (status, told["status"]) == (202, "running")
    assert (await _get(gate, told["id"]))[1]["status"] == "running"
    status, found = await _get(gate, f"{told['id']}?wait=5")
    assert (status, found["status"], found["text"]) == (200, "completed", "answer")
    assert (await _get(gate, told["id"]))[1] == found


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "completion", "prompt": "q"},
        {"kind": "embedding", "input": "one"},
        {"kind": "embedding", "input": ["one", "二"]},
        {**BODY, "kind": "chat", "priority": "batch", "deadline_s": 3600},
    ],
)
async def test_any_kind_can_be_submitted(gateway: MakeGateway, body: dict[str, Any]) -> None:
    gate = await gateway()
    _, told = await _submit(gate, body)
    assert (await _get(gate, f"{told['id']}?wait=5"))[1]["kind"] == body["kind"]


async def test_waiting_ends_in_time(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply(silent=True)
    _, told = await _submit(gate)
    assert (await _get(gate, f"{told['id']}?wait=0.1"))[1]["status"] == "running"


async def test_withdrawn(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply(silent=True)
    _, told = await _submit(gate)
    assert (await _get(gate, told["id"], method="DELETE"))[0] == 202
    found = (await _get(gate, f"{told['id']}?wait=5"))[1]
    assert found["error"]["code"] == "cancelled"
    assert (await _get(gate, told["id"], method="DELETE"))[0] == 200
    assert len(gate.platform.cancels()) == 1


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("pause_s", [0.0, 60.0])
async def test_another_tenants_request_is_not_there(gateway: MakeGateway, method: str, pause_s: float) -> None:
    """Ended or running: the same 404 as for one that never was."""
    gate = await gateway()
    gate.platform.replies["q"] = Reply("secret", pause_s=pause_s)
    _, told = await _submit(gate)
    await gate.platform.published()
    status, body = await _get(gate, told["id"], gate.issue("globex"), method)
    assert (status, body["error"]["code"]) == (404, "not_found")
    assert not gate.platform.cancels()


async def test_a_running_chat_can_be_looked_up(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.platform.replies["q"] = Reply("late", pause_s=0.3)
    asking = asyncio.create_task(_chat(gate))
    await gate.platform.published()
    assert (await _get(gate, "mine"))[1]["status"] == "running"
    assert await asking == 200
    assert (await _get(gate, "mine"))[1]["text"] == "late"


async def _chat(gate: Gateway) -> int:
    headers = gate.headers(X_Request_Id="mine")
    async with gate.http.post("/v1/chat/completions", json={**BODY, "model": "small"}, headers=headers) as answer:
        return answer.status


async def test_submitting_again_is_the_same_request(gateway: MakeGateway) -> None:
    gate = await gateway()
    first = await _submit(gate, Idempotency_Key="k")
    assert await _submit(gate, Idempotency_Key="k") == first
    other = {"messages": [{"role": "user", "content": "other"}]}
    status, told = await _submit(gate, other, Idempotency_Key="k")
    assert (status, told["error"]["code"]) == (409, "duplicate_id")


async def test_another_gateway_knows_what_was_submitted(gateway: MakeGateway) -> None:
    gate, other = await gateway(), await gateway()
    gate.platform.replies["q"] = Reply(silent=True)
    _, told = await _submit(gate)
    other.redis.data.update(gate.redis.data)
    key = other.issue("acme")
    assert (await _get(other, told["id"], key))[1]["status"] == "running"


async def test_redis_away_changes_nothing_here(gateway: MakeGateway) -> None:
    gate = await gateway()
    gate.redis.away = True
    _, told = await _submit(gate)
    assert (await _get(gate, f"{told['id']}?wait=5"))[0] == 200
    assert (await _get(gate, "never"))[0] == 404


@pytest.mark.parametrize("wait", ["-1", "61", "nan", "soon"])
async def test_a_wait_out_of_range_is_refused(gateway: MakeGateway, wait: str) -> None:
    gate = await gateway()
    status, body = await _get(gate, f"x?wait={wait}")
    assert (status, body["error"]["param"]) == (400, "wait")
