"""What a manifest says of one model: what all say, and what each engine's own say.

Models that generate text in this process have theirs in ``workers.models.generators``.
"""

import hashlib
import json
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.base import Digest, Identifier, Strict
from schemas.work import Pool
from workers.models.sources import Gguf, Member, Source

Capability = Literal["chat", "completion", "embedding", "classify", "rerank", "vision", "ocr", "document-qa"]
EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]


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
    """``batch_tokens`` are run at once, padding included (512 suit a processor, whose caches hold no more; a GPU takes
    16,384); ``waiting`` texts may wait for them. ``quantization`` int8 needs ``runtime`` onnx; ``threads`` 0 is all
    cores but one."""

    runtime: Literal["torch", "onnx"] = "torch"
    quantization: Literal["none", "int8"] = "none"
    batch_tokens: int = Field(default=512, ge=16, le=2**20)
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


def _digest(value: dict[str, Any]) -> str:
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
