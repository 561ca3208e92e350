"""From a manifest entry to what runs it; the libraries that one needs are imported only for it."""

from pathlib import Path

from schemas.errors import ModelNotAvailable
from workers.engines.port import Engine, LoadAdapter
from workers.models.manifest import (
    EchoEntry,
    ModelEntry,
    RemoteEntry,
    TransformersEntry,
)


def needs_files(entry: ModelEntry) -> bool:
    """Whether the model has to be fetched before it can run."""
    return entry.source is not None


def build(entry: ModelEntry, path: Path | None, load_adapter: LoadAdapter) -> Engine:
    """The engine of a model, not started. ``path`` is what ``workers.models.store.fetch`` gave, if it has files.

    Raises ``ModelNotAvailable`` when the model generates no text, or the libraries for it are not installed.
    """
    match entry:
        case EchoEntry():
            from workers.engines.echo import Echo

            return Echo(entry)
        case RemoteEntry():
            from workers.engines.remote import RemoteEngine

            return RemoteEngine(entry)
        case TransformersEntry() if path:
            return _causal(entry, path, load_adapter)
    raise ModelNotAvailable(f"{entry.name} runs on the engine {entry.engine!r}, which generates no text", param="model")


def _causal(entry: TransformersEntry, path: Path, load_adapter: LoadAdapter) -> Engine:
    try:
        from workers.engines.causal import CausalEngine
    except ImportError as error:
        raise ModelNotAvailable(
            f"{entry.name} needs {error.name}, which is not installed: pip install 'headrace[text]'"
        ) from error
    return CausalEngine(entry, path, load_adapter)
