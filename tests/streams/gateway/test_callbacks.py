"""Callbacks: only where allowed, signed with the caller's key, tried again, and given up."""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Callable, Sequence
from hashlib import sha256
from typing import Any

import pytest
from aiohttp import web

from infra.signing import signing_key_of
from schemas.errors import InvalidField
from streams.gateway.callbacks import Hosts, public, signature
from tests.streams.gateway.conftest import MakeGateway
from tests.streams.gateway.doubles import Gateway, Reply

QUICK = {"retry_base_s": 0.01, "retry_max_s": 0.02, "attempts": 3}
LOCAL = ("127.0.0.1",)


class Receiver:
    """A client's server: answers with the given statuses, the last one again and again."""

    def __init__(self, statuses: Sequence[int]) -> None:
        self.statuses = list(statuses)
        self.got: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        self.got.put_nowait((await request.read(), request.headers["headrace-signature"]))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return web.Response(status=status, headers={"Location": f"{self.url}/moved"} if status == 302 else {})

    async def next(self) -> tuple[bytes, str]:
        return await asyncio.wait_for(self.got.get(), 5)

    async def quiet(self) -> bool:
        await asyncio.sleep(0.2)
        return self.got.empty()


@pytest.fixture
async def receiver() -> AsyncIterator[Callable[..., Any]]:
    runners = []

    async def make(*statuses: int) -> Receiver:
        made = Receiver(statuses or [200])
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", made.handle)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        return made

    yield make
    for runner in runners:
        await runner.cleanup()


async def _submit(gate: Gateway, callback: str) -> tuple[int, dict[str, Any]]:
    body = {"messages": [{"role": "user", "content": "q"}], "callback": callback}
    async with gate.http.post("/v1/requests", json=body, headers=gate.headers()) as answer:
        return answer.status, await answer.json()


async def test_the_answer_is_called_back_and_signed(gateway: MakeGateway, receiver: Any) -> None:
    gate, client = await gateway(callback_hosts=LOCAL), await receiver()
    gate.platform.replies["q"] = Reply("回答", pause_s=0.05)
    status, told = await _submit(gate, f"{client.url}/hook?a=1")
    body, signed = await client.next()
    assert status == 202
    assert f'"id":"{told["id"]}"'.encode() in body
    assert "回答".encode() in body
    moment, given = (part.partition("=")[2] for part in signed.split(","))
    assert abs(int(moment) - time.time()) < 60
    expected = hmac.new(signing_key_of(gate.key), f"{moment}.".encode() + body, sha256).hexdigest()
    assert hmac.compare_digest(given, expected)
    assert await client.quiet()


async def test_failures_are_called_back_too(gateway: MakeGateway, receiver: Any) -> None:
    gate, client = await gateway(callback_hosts=LOCAL), await receiver()
    gate.platform.replies["q"] = Reply(error=InvalidField("no", param="x"))
    await _submit(gate, client.url)
    assert b"invalid_field" in (await client.next())[0]


@pytest.mark.parametrize(
    ("statuses", "calls"),
    [
        # away for a moment
        ([503, 200], 2),
        ([429, 204], 2),
        # away for good: given up after the attempts that the settings allow
        ([500], 3),
        # refused: not asked again
        ([410], 1),
        # sent elsewhere: not followed
        ([302], 1),
    ],
)
async def test_tried_again(gateway: MakeGateway, receiver: Any, statuses: list[int], calls: int) -> None:
    gate, client = await gateway(callback_hosts=LOCAL, limits=QUICK), await receiver(*statuses)
    await _submit(gate, client.url)
    bodies = [(await client.next())[0] for _ in range(calls)]
    assert len(set(bodies)) == 1
    assert await client.quiet()


async def test_nobody_there_is_survived(gateway: MakeGateway) -> None:
    gate = await gateway(callback_hosts=LOCAL, limits=QUICK)
    status, told = await _submit(gate, "http://127.0.0.1:9/")
    await asyncio.sleep(0.2)
    async with gate.http.get(f"/v1/requests/{told['id']}?wait=5", headers=gate.headers()) as answer:
        assert (status, (await answer.json())["status"]) == (202, "completed")


PATTERN = ("*",)
NAMED = ("hooks.example.com", "10.0.0.5", "localhost")


@pytest.mark.parametrize(
    ("hosts", "url", "allowed"),
    [
        # off until hosts are listed
        ((), "https://hooks.example.com/", False),
        # listed by name, over either scheme
        (NAMED, "https://hooks.example.com/x", True),
        (NAMED, "http://HOOKS.example.com:8443/x", True),
        (NAMED, "http://10.0.0.5/", True),
        (NAMED, "http://localhost:3000/", True),
        # not listed
        (NAMED, "https://example.com/", False),
        (NAMED, "https://hooks.example.com.evil.net/", False),
        (NAMED, "https://evil.net/#hooks.example.com", False),
        (NAMED, "https://hooks.example.com@evil.net/", False),
        # no secrets in URLs
        (NAMED, "https://user:pass@hooks.example.com/", False),
        # other schemes, no URLs
        (NAMED, "file:///etc/passwd", False),
        (NAMED, "gopher://hooks.example.com/", False),
        (NAMED, "hooks.example.com", False),
        (NAMED, "http://[::1", False),
        (NAMED, "", False),
        # patterns: HTTPS and public addresses only
        (PATTERN, "https://example.org/", True),
        (PATTERN, "http://example.org/", False),
        (PATTERN, "https://93.184.215.14/", True),
        (PATTERN, "https://127.0.0.1/", False),
        (PATTERN, "https://169.254.169.254/latest/meta-data", False),
        (PATTERN, "https://[::1]/", False),
        (PATTERN, "https://[::ffff:10.0.0.1]/", False),
        (("*.example.com",), "https://a.example.com/", True),
        (("*.example.com",), "https://a.example.org/", False),
    ],
)
async def test_where_answers_may_go(gateway: MakeGateway, hosts: tuple[str, ...], url: str, allowed: bool) -> None:
    if allowed:
        Hosts(hosts).check(url)
        return
    gate = await gateway(callback_hosts=hosts)
    status, told = await _submit(gate, url)
    assert (status, told["error"]["param"]) == (400, "callback")
    assert not gate.platform.records


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        # loopback, private, link-local, shared, unspecified, multicast
        ("127.8.8.8", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        # IPv4 in IPv6 clothes: mapped, NAT64, 6to4
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::808:808", True),
    ],
)
def test_public_addresses(address: str, expected: bool) -> None:
    assert public(address) is expected


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1"])
async def test_a_name_that_leads_inside_is_not_connected_to(host: str) -> None:
    """Checked where the connection is made, so neither DNS rebinding nor odd spellings get through."""
    with pytest.raises(OSError, match="no public address"):
        await Hosts(PATTERN).resolve(host, 443)


async def test_a_named_host_may_lead_inside() -> None:
    assert (await Hosts(("localhost",)).resolve("localhost", 80))[0]["host"] in ("127.0.0.1", "::1")


def test_the_signature_covers_time_and_body() -> None:
    one = signature(b"{}", b"k" * 32, 1)
    assert one.startswith("t=1,v1=")
    assert (
        len({one, signature(b"{}", b"k" * 32, 2), signature(b"{ }", b"k" * 32, 1), signature(b"{}", b"x" * 32, 1)}) == 4
    )
