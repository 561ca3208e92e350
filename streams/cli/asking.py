"""Publishing an event as a client does, and waiting for its end."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from infra.broker import Record
from infra.reader import Follower
from infra.settings import Settings
from infra.signing import sign, signing_key_of
from infra.topics import Names
from schemas.base import Event
from schemas.cloudevents import encode
from schemas.errors import Unavailable
from schemas.responses import Chunk, Response
from streams.cli.log import CLIENT, opening, publishing

Show = Callable[[str], None]


async def ask(
    settings: Settings, topic: str, event: Event, secret: str | None, timeout_s: float | None, show: Show | None = None
) -> Response | None:
    """Publish an event, signed when there is an API key, and return its response; ``None`` when ``timeout_s`` is.

    ``show`` is given the pieces of a streamed answer.

    Raises:
        Unavailable: Kafka does not answer, or there is no response in time.
        Unauthenticated: the secret is no API key.
    """
    value, headers = encode(event, source="headrace/cli")
    if secret:
        headers = sign(value, headers, secret.split("-")[1] if "-" in secret else "", signing_key_of(secret))
    names = Names(settings.kafka)
    async with AsyncExitStack() as stack:
        publisher = await stack.enter_async_context(publishing(settings))
        waiting = Waiting(event.id, names("chunks"), show)
        if timeout_s is not None:
            topics = [names("responses"), *([names("chunks")] if show else [])]
            vault = await stack.enter_async_context(opening(settings))
            follower = Follower(settings.kafka, topics, waiting.apply, since="latest", client_id=CLIENT, vault=vault)
            stack.push_async_callback(follower.stop)
            await follower.start()
        await publisher.publish(names(topic), value, key=event.id, headers=headers)
        return await waiting.response(timeout_s) if timeout_s is not None else None


class Waiting:
    """For the end of one id. A conflict's answer, whose id the platform marks with ``#``, ends it, too."""

    def __init__(self, event_id: str, chunks: str, show: Show | None) -> None:
        self._id, self._chunks, self._show = event_id, chunks, show
        self._shown = 0
        self._ended: asyncio.Future[Response] = asyncio.get_running_loop().create_future()

    def apply(self, record: Record) -> None:
        if self._id.encode() not in (record.value or b""):
            return
        if record.topic == self._chunks:
            self._add(Chunk.model_validate_json(record.value or b""))
            return
        response = Response.model_validate_json(record.value or b"")
        if self._id in (response.id, response.of) and not self._ended.done():
            self._ended.set_result(response)

    async def response(self, timeout_s: float) -> Response:
        try:
            found = await asyncio.wait_for(self._ended, timeout_s)
        except TimeoutError as error:
            raise Unavailable(f"no answer to {self._id} within {timeout_s:g} s: is 'headrace up' running?") from error
        if self._show and found.status == "completed":
            self._show(found.text[self._shown :])
        return found

    def _add(self, chunk: Chunk) -> None:
        """Repeats after a takeover begin before what is shown already."""
        fresh = chunk.text[self._shown - chunk.position :] if chunk.position <= self._shown else ""
        if chunk.id == self._id and not chunk.index and fresh and self._show:
            self._show(fresh)
            self._shown += len(fresh)
