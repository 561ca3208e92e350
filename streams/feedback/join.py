"""The request and the answer that an opinion is about. The log has both; Redis only makes finding them quick."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import orjson
from pydantic import ValidationError

from infra.reader import read_all, read_one
from infra.settings import KafkaSettings
from infra.topics import Names
from infra.vault.vault import Vault
from schemas.errors import NotFound, Unavailable
from schemas.requests import Request
from schemas.responses import Response

SCAN_S = 30.0
WINDOW = timedelta(days=7)
Find = Callable[[str | None, str], Awaitable[Response | None]]


class Join:
    """Finds what feedback refers to."""

    def __init__(self, kafka: KafkaSettings, stored: Find, vault: Vault | None = None) -> None:
        self._kafka, self._stored, self._names, self._vault = kafka, stored, Names(kafka), vault

    async def response(self, tenant: str, request_id: str) -> Response:
        """The answer to a request of this tenant.

        Raises:
            NotFound: there is none in Redis and none on ``responses``.
            Unavailable: reading the topic took too long; trying again may help.
        """
        try:
            found = await self._stored(tenant, request_id)
        except Unavailable:
            found = None
        found = found or await self._scan(tenant, request_id)
        if found is None:
            raise NotFound(f"there is no answered request {request_id!r} to give feedback on", param="request_id")
        return found

    async def request(self, response: Response) -> Request | None:
        """The request as it was published; ``None`` when retention has taken it."""
        record = await read_one(self._kafka, response.source, vault=self._vault)
        if record is None or not record.value:
            return None
        try:
            return Request.model_validate({**orjson.loads(record.value), "id": response.id})
        except (ValidationError, orjson.JSONDecodeError, TypeError):  # it was refused as no request, or no object
            return None

    async def _scan(self, tenant: str, request_id: str) -> Response | None:
        needle = request_id.encode()
        try:
            async with asyncio.timeout(SCAN_S):
                topics = [self._names("responses")]
                async for record in read_all(self._kafka, topics, since=WINDOW, key=request_id, vault=self._vault):
                    if needle in (record.value or b""):
                        response = Response.model_validate_json(record.value or b"")
                        if (response.tenant, response.id) == (tenant, request_id):
                            return response
        except TimeoutError as error:
            raise Unavailable(f"looking for request {request_id!r} on the log took over {SCAN_S:g} s") from error
        return None
