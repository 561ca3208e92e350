"""The audit topic as it is read by people: each reading is on it first."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import timedelta

from infra.broker import Publisher, Record
from infra.reader import Follower, Since, follow, read_all
from infra.settings import KafkaSettings
from infra.topics import Names
from schemas.access import Access
from schemas.cloudevents import encode
from schemas.errors import TooLarge, Unavailable

WITNESS_S = 15.0
READ_S = 60.0
STORY = 1000
HEADS = 10_000
WINDOW = timedelta(days=7)


class Trail:
    """Nothing is connected before the first reading. ``component`` becomes ``ce_source``."""

    def __init__(self, kafka: KafkaSettings, publisher: Publisher, component: str) -> None:
        self._kafka, self._publisher, self._names = kafka, publisher, Names(kafka)
        self._component = component
        self._waiting: dict[str, asyncio.Event] = {}
        self._follower: Follower | None = None
        self._starting = asyncio.Lock()

    async def granted(self, access: Access) -> None:
        """Return when the audit record of this reading stands on the log: only then may content be shown.

        Raises:
            Unavailable: the record did not come in time, so nothing may be shown.
        """
        heard = self._waiting[access.id] = asyncio.Event()
        try:
            async with asyncio.timeout(WITNESS_S):
                await self._listen()
                await self._say(access)
                await heard.wait()
        except TimeoutError as error:
            raise Unavailable(
                "that you read this could not be audited, so it is not shown: is the control process running?"
            ) from error
        finally:
            del self._waiting[access.id]

    async def denied(self, access: Access) -> None:
        """Say that somebody was refused; the refusal itself waits for nothing else."""
        try:
            async with asyncio.timeout(WITNESS_S):
                await self._say(access.model_copy(update={"outcome": "denied"}))
        except TimeoutError as error:
            raise Unavailable("Kafka did not acknowledge in time: try again") from error

    def follow(self, positions: dict[int, int], since: Since) -> AsyncGenerator[list[Record], None]:
        """Audit records as they come, in batches; see ``infra.reader.follow``."""
        return follow(self._kafka, self._names("audit"), positions, since, client_id=f"headrace-{self._component}")

    async def story(self, request_id: str, since: timedelta = WINDOW) -> list[Record]:
        """Every audit record that was said under this id, in order.

        Raises:
            Unavailable: reading so much took too long.
            TooLarge: there are more than ``STORY``.
        """
        records = read_all(self._kafka, [self._names("audit")], since=since, key=request_id)
        wanted = request_id.encode()
        return await _bounded(records, STORY, lambda record: record.key == wanted)

    async def heads(self, since: timedelta) -> list[Record]:
        """The signed heads of the time given, as they stand on their topic; raises as ``story``."""
        return await _bounded(read_all(self._kafka, [self._names("checkpoints")], since=since), HEADS)

    async def close(self) -> None:
        if self._follower:
            await self._follower.stop()

    async def _say(self, access: Access) -> None:
        value, headers = encode(access, source=f"headrace/{self._component}")
        await self._publisher.publish(self._names("accesses"), value, key=access.id, headers=headers)

    async def _listen(self) -> None:
        async with self._starting:
            if self._follower and self._follower.ready:
                return
            await self.close()
            client = f"headrace-{self._component}"
            follower = Follower(self._kafka, [self._names("audit")], self._hear, since="latest", client_id=client)
            await follower.start()
            self._follower = follower

    def _hear(self, record: Record) -> None:
        """The record's key is the id of what it is about."""
        heard = self._waiting.get((record.key or b"").decode(errors="replace"))
        if heard:
            heard.set()


async def _bounded(
    records: AsyncGenerator[Record, None], most: int, wanted: Callable[[Record], bool] = lambda _: True
) -> list[Record]:
    found: list[Record] = []
    try:
        async with asyncio.timeout(READ_S), aclosing(records):
            async for record in records:
                if wanted(record):
                    found.append(record)
                if len(found) > most:
                    raise TooLarge(f"there are more than {most} records: ask for a shorter time with since=")
    except TimeoutError as error:
        raise Unavailable(f"reading took more than {READ_S:.0f} s: ask for a shorter time with since=") from error
    return found
