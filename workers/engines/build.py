"""From a manifest entry to what runs it; the libraries that one needs are imported only for it."""

import logging
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import cast

from schemas.errors import ModelNotAvailable
from workers.engines.auto import Auto, Partial
from workers.engines.choice import LIBRARIES, Machine, choose, here
from workers.engines.port import Engine, LoadAdapter
from workers.models.manifest import (
    AutoEntry,
    EchoEntry,
    LlamacppEntry,
    ModelEntry,
    OpenvinoEntry,
    OwnEntry,
    RemoteEntry,
    TransformersEntry,
    VllmEntry,
)
from workers.models.memory import check

log = logging.getLogger(__name__)
Make = Callable[[], Engine]
Watch = Callable[[str, Make], Engine]
"""Puts around the engine of a model what starts it again when it breaks."""


def needs_files(entry: ModelEntry) -> bool:
    """Whether the model has to be fetched before it can run."""
    return entry.source is not None


def unwatched(name: str, make: Make) -> Engine:
    return make()


def build(entry: ModelEntry, path: Path | None, load_adapter: LoadAdapter, watch: Watch = unwatched) -> Engine:
    """The engine of a model, not started. ``path`` is what ``workers.models.store.fetch`` gave, if it has files;
    ``watch`` is for an engine inside it that the caller's own watch does not see.

    Raises ``ModelNotAvailable`` when the model generates no text, or the libraries for it are not installed.
    """
    match entry:
        case EchoEntry():
            from workers.engines.echo import Echo

            return Echo(entry)
        case RemoteEntry():
            from workers.engines.remote import RemoteEngine

            return RemoteEngine(entry)
        case AutoEntry() if path:
            return automatic(entry, path, load_adapter, here(), watch)
        case TransformersEntry() | OpenvinoEntry() | LlamacppEntry() | VllmEntry() if path:
            return _own(entry, path, load_adapter)
    raise ModelNotAvailable(f"{entry.name} runs on the engine {entry.engine!r}, which generates no text", param="model")


def automatic(
    entry: AutoEntry, path: Path, load_adapter: LoadAdapter, machine: Machine, watch: Watch = unwatched
) -> Engine:
    """The engine, or the two, that ``choose`` names. Raises ``ModelNotAvailable`` when there is none."""
    choice = choose(entry, machine)
    log.info("chose an engine", extra={"model": entry.name, "engine": choice.engine, "why": choice.why})
    first = _own(entry.on(choice.engine), path, load_adapter)
    if choice.second is None:
        return first
    second = partial(_own, entry.on(choice.second), path, load_adapter)
    return Auto(entry.name, cast(Partial, first), partial(watch, entry.name, second))


EXTRAS = {"transformers": "text", "openvino": "text,openvino", "vllm": "text,vllm"}


def _own(entry: OwnEntry, path: Path, load_adapter: LoadAdapter) -> Engine:
    """An engine of this machine, if it fits into its memory; its module imports what it needs."""
    if absent := next((name for name in LIBRARIES[entry.engine] if not find_spec(name)), None):
        raise missing(entry, absent)
    if not here().cuda:
        check(entry, path)
    match entry:
        case TransformersEntry():
            from workers.engines.causal import CausalEngine

            return CausalEngine(entry, path, load_adapter)
        case OpenvinoEntry():
            from workers.engines.openvino import OpenvinoEngine

            return OpenvinoEngine(entry, path)
        case LlamacppEntry():
            from workers.engines.llamacpp import LlamacppEngine

            return LlamacppEngine(entry, path)
        case VllmEntry():
            from workers.engines.vllm import VllmEngine

            return VllmEngine(entry, path, load_adapter)


def missing(entry: OwnEntry, library: str) -> ModelNotAvailable:
    extra = EXTRAS.get(entry.engine, entry.engine)
    return ModelNotAvailable(f"{entry.name} needs {library}, which is not installed: pip install 'headrace[{extra}]'")
