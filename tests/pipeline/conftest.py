"""A factory of platforms, each with topics of its own; a module's tests share one and use distinct ids."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from infra.kafka import EmbeddedKafka
from infra.valkey import EmbeddedValkey
from tests.conftest import settings_on
from tests.pipeline.deployment import MODELS, Platform, platform

Start = Callable[..., AbstractAsyncContextManager[Platform]]


@pytest.fixture(scope="module")
def start(
    kafka: EmbeddedKafka, valkey: EmbeddedValkey, database: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Start]:
    """``async with start(policy={…}, limits={…}) as platform``: sections of settings, and changes to the policy."""
    directory = tmp_path_factory.mktemp("platform")
    models = directory / "models.yaml"
    models.write_text(MODELS)
    with settings_on(kafka, valkey, database, directory / "state") as make:

        def begin(policy: dict[str, Any] | None = None, **sections: Any) -> AbstractAsyncContextManager[Platform]:
            quick = {"fetch_wait_ms": 50, **sections.pop("kafka", {})}
            return platform(make(models_file=models, kafka=quick, **sections), policy or {})

        yield begin
