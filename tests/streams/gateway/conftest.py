"""A gateway on a port of its own, on a platform in memory."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from infra.settings import Settings
from tests.streams.gateway.doubles import Gateway, start_gateway

MakeGateway = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def gateway(tmp_path: Path) -> AsyncIterator[MakeGateway]:
    """A factory: ``await gateway(timeout_s=1)`` starts one with these gateway settings."""
    async with AsyncExitStack() as stack:

        async def make(limits: dict[str, Any] | None = None, **section: Any) -> Gateway:
            settings = Settings(state=tmp_path, gateway=section, limits=limits or {})
            return await start_gateway(settings, stack)

        yield make
