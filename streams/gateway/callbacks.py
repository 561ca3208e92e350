"""Calling clients back with the answer: only where the settings allow, signed, tried again, bounded.

An entry of ``gateway.callback_hosts`` is a host, trusted as it is, or a pattern (``*``, ``*.example.com``), which lets
HTTPS to public addresses through. The address is judged when it is connected to, so a name that changes its mind
between check and call (DNS rebinding) gains nothing.
"""

import asyncio
import hmac
import ipaddress
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from hashlib import sha256
from socket import AddressFamily

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from infra.settings import Settings
from schemas.errors import InvalidField, Overloaded, Unauthenticated
from schemas.requests import Request
from schemas.responses import Response
from streams.gateway.answers import Answers, Waiter

log = logging.getLogger(__name__)
ATTEMPT = ClientTimeout(total=10.0)
AGAIN = frozenset({408, 425, 429})


class Callbacks:
    """Delivers each promised answer at least once, or gives up after ``limits.attempts``. Promises are held by this
    process: whoever must not miss an answer polls for it, too."""

    def __init__(self, settings: Settings, answers: Answers, signing_key: Callable[[str], bytes]) -> None:
        self._settings, self._answers, self._signing_key = settings, answers, signing_key
        self._hosts = Hosts(settings.gateway.callback_hosts)
        self._session: ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def check(self, url: str) -> None:
        """Raise ``InvalidField`` unless answers may be sent there, ``Overloaded`` when too many are promised."""
        self._hosts.check(url)
        if len(self._tasks) >= self._settings.gateway.in_flight:
            raise Overloaded("too many callbacks are under way: try again, or poll for the answer")

    @contextmanager
    def promised(self, url: str, request: Request, key_id: str) -> Iterator[None]:
        """Promise a callback for what is published meanwhile; without that the promise is off."""
        task = asyncio.create_task(self._keep(url, request, key_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            yield
        except BaseException:
            task.cancel()
            raise

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session:
            await self._session.close()

    async def _keep(self, url: str, request: Request, key_id: str) -> None:
        tenant = request.tenant or ""
        with self._answers.waiting(tenant, request.id) as waiter:
            response = await self._answers.find(tenant, request.id) or await self._end(waiter, request)
        try:
            if response:
                await self._deliver(url, response, self._signing_key(key_id))
        except Unauthenticated as error:
            log.warning("no callback for a key that is no longer valid", extra={"key_id": key_id, "code": error.code})

    async def _end(self, waiter: Waiter, request: Request) -> Response | None:
        limits = self._settings.limits
        longest = limits.deadline_s if request.priority == "interactive" else limits.batch_deadline_s
        event = await waiter.next(longest + self._settings.gateway.timeout_s)
        return event if isinstance(event, Response) else None

    async def _deliver(self, url: str, response: Response, key: bytes) -> None:
        limits = self._settings.limits
        body = response.model_dump_json(exclude_none=True).encode()
        for attempt in range(limits.attempts):
            status = await self._post(url, body, key)
            if status is not None and status < 500 and status not in AGAIN:
                log.info("called back", extra={"request_id": response.id, "status": status})
                return
            await asyncio.sleep(min(limits.retry_base_s * 2**attempt, limits.retry_max_s))
        log.warning("gave up a callback", extra={"request_id": response.id, "attempts": limits.attempts})

    async def _post(self, url: str, body: bytes, key: bytes) -> int | None:
        """The status, or ``None`` when nobody answered. Redirects are answers, not orders."""
        headers = {"Content-Type": "application/json", "headrace-signature": signature(body, key, int(time.time()))}
        try:
            async with self._client().post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return answer.status
        except (ClientError, TimeoutError, OSError) as error:
            log.info("nobody answered a callback", extra={"error": type(error).__name__})
            return None

    def _client(self) -> ClientSession:
        if self._session is None:
            connector = TCPConnector(resolver=self._hosts, limit=64, use_dns_cache=False)
            self._session = ClientSession(connector=connector, timeout=ATTEMPT, trust_env=False)
        return self._session


def signature(body: bytes, key: bytes, moment: int) -> str:
    """``t=<seconds since 1970>,v1=<hex>`` with HMAC-SHA256 over ``<t>.<body>`` and the caller's signing key."""
    digest = hmac.new(key, f"{moment}.".encode() + body, sha256).hexdigest()
    return f"t={moment},v1={digest}"


class Hosts(AbstractResolver):
    """Where this process may send things, as a check of URLs and as the resolver of the client that sends them.
    ``setting`` lists them and ``param`` names what is sent, for messages."""

    def __init__(
        self, allowed: tuple[str, ...], setting: str = "gateway.callback_hosts", param: str = "callback"
    ) -> None:
        self._setting, self._param = setting, param
        self._named = {host.lower() for host in allowed if "*" not in host}
        self._patterns = [host.lower() for host in allowed if "*" in host]
        self._resolver: ThreadedResolver | None = None

    def check(self, url: str) -> None:
        """Raise ``InvalidField`` unless the URL's host is allowed, over a scheme that is."""
        try:
            target = URL(url)
            host = (target.host or "").lower().rstrip(".")
        except ValueError as error:
            raise self._refused("this is no URL") from error
        if target.scheme not in ("http", "https") or not host:
            raise self._refused("an https:// URL is needed")
        if target.user is not None or target.password is not None:
            raise self._refused("a URL with a user or password in it is not called")
        if host in self._named:
            return
        if not any(fnmatchcase(host, pattern) for pattern in self._patterns):
            raise self._refused(f"the host {host} is not in {self._setting}")
        if target.scheme != "https":
            raise self._refused("only https:// is called at hosts that are not named one by one")
        if _literal(host) and not public(host):
            raise self._refused(f"private addresses are called only when named in {self._setting}")

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a host; of one that is not named itself the public ones.

        Raises:
            OSError: there are none.
        """
        if self._resolver is None:
            self._resolver = ThreadedResolver()
        found = await self._resolver.resolve(host, port, family)
        kept = found if host.lower().rstrip(".") in self._named else [one for one in found if public(one["host"])]
        if not kept:
            raise OSError(f"{host} has no public address")
        return kept

    async def close(self) -> None:
        if self._resolver:
            await self._resolver.close()

    def _refused(self, message: str) -> InvalidField:
        return InvalidField(f"{self._param}: {message}", param=self._param)


def _literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def public(address: str) -> bool:
    """Whether an address is one of the open internet: not private, loopback, link-local, multicast or an IPv4 one
    of these in IPv6 clothes (mapped, NAT64, 6to4)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if ip in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast
