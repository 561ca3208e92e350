"""The model manifest: every model by name, where it comes from, what runs it, and what it can do.

``models.yaml`` beside this module is the one that ships and says what each field means.
"""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError, field_validator

from schemas.base import Strict
from schemas.errors import InvalidField, ModelNotFound, TooLarge
from schemas.policies import lines
from workers.models.entries import (
    ClassifierEntry,
    ClipEntry,
    EchoEntry,
    EmbeddingEntry,
    EncoderEntry,
    EncoderOptions,
    HashEmbeddingEntry,
    ModelEntry,
    OcrEntry,
    RemoteEntry,
    RerankerEntry,
)
from workers.models.generators import (
    AutoEntry,
    LlamacppEntry,
    OpenvinoEntry,
    OwnEntry,
    TransformersEntry,
    VllmEntry,
)
from workers.models.sources import Directory, Gguf, Hub, Source, Wheel

__all__ = [
    "MAX_CHARS", "SHIPPED", "AutoEntry", "ClassifierEntry", "ClipEntry", "Directory", "EchoEntry", "EmbeddingEntry",
    "EncoderEntry", "EncoderOptions", "Entry", "Gguf", "HashEmbeddingEntry", "Hub", "LlamacppEntry", "Manifest",
    "ModelEntry", "OcrEntry", "OpenvinoEntry", "OwnEntry", "RemoteEntry", "RerankerEntry", "Source",
    "TransformersEntry", "VllmEntry", "Wheel",
]  # fmt: skip

SHIPPED = Path(__file__).with_name("models.yaml")
MAX_CHARS = 2**20

Entry = Annotated[
    OwnEntry | AutoEntry | RemoteEntry | EchoEntry | EncoderEntry | HashEmbeddingEntry | OcrEntry | ClipEntry,
    Field(discriminator="engine"),
]


class Manifest(Strict):
    """All models that can be asked for. In YAML ``models`` maps each name to its entry."""

    entries: dict[str, Entry] = Field(alias="models", max_length=1000)

    @classmethod
    def load(cls, path: Path | None = None) -> "Manifest":
        """The manifest in a YAML file; without one, that which ships with Headrace.

        Raises:
            InvalidField: it cannot be read or has problems; the message has every one, a line each.
            TooLarge: it has more than ``MAX_CHARS`` characters.
        """
        path = path or SHIPPED
        try:
            text = path.read_text(encoding="utf-8")
            if len(text) > MAX_CHARS:
                raise TooLarge(f"{path} has {len(text)} characters; a manifest has at most {MAX_CHARS}")
            return cls.model_validate(yaml.safe_load(text))
        except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
            raise InvalidField(f"cannot read the model manifest {path}: {error}") from error
        except ValidationError as error:
            problems = "\n".join(f"- {line}" for line in lines(error))
            raise InvalidField(f"the model manifest {path} has problems:\n{problems}") from error

    @field_validator("entries", mode="before")
    @classmethod
    def _name(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: {**entry, "name": name} if isinstance(entry, dict) else entry for name, entry in data.items()}

    @property
    def models(self) -> tuple[ModelEntry, ...]:
        return tuple(self.entries.values())

    def entry(self, name: str) -> ModelEntry:
        """One model's entry. Raises ``ModelNotFound``, whose message lists the names there are."""
        if name not in self.entries:
            known = ", ".join(self.entries) or "none"
            raise ModelNotFound(f"there is no model {name!r}; known: {known}", param="model")
        return self.entries[name]
