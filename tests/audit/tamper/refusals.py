"""What the checkpoint agent says when it refuses to sign."""

import asyncio

from infra.settings import Settings
from streams.audit.checkpoints import CheckpointAgent, Trouble
from streams.audit.process import hashes_of, resume_of
from streams.audit.witnesses.keeping import Keeping


def refusal(settings: Settings) -> Trouble:
    """The first trouble of an agent that starts on this log; it signs nothing before."""
    return asyncio.run(_refusal(settings))


async def _refusal(settings: Settings) -> Trouble:
    told: asyncio.Queue[Trouble] = asyncio.Queue()

    async def ignore(name: str, error: object) -> None:
        raise AssertionError(f"{name}: {error}")

    keeping = Keeping((), ignore)
    agent = CheckpointAgent(settings.kafka, resume_of(settings), hashes_of(settings), (), keeping, told.put)
    await agent.start()
    try:
        async with asyncio.timeout(30):
            trouble = await told.get()
        assert agent.signed == {}
        return trouble
    finally:
        await agent.stop()
        await keeping.stop()
