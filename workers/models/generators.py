"""What a manifest says of a model that generates text in this process, by the engine that runs it."""

from typing import Literal

from pydantic import Field

from schemas.base import Strict
from schemas.work import Pool
from workers.models.entries import Capability, ModelEntry
from workers.models.sources import Source

Quantization = Literal["none", "bf16", "int8", "int4"]
CachePrecision = Literal["default", "u8", "bf16", "f16", "f32"]


class LocalOptions(Strict):
    """``threads`` 0 is all cores but one. ``quantization`` is what the weights become when they are loaded: ``none``
    is what the files and the processor make of them, ``bf16`` bfloat16, ``int8`` and ``int4`` so many bits a weight."""

    threads: int = Field(default=0, ge=0, le=1024)
    quantization: Quantization = "none"


class TransformersOptions(LocalOptions):
    """``slots`` sequences are in one batch; ``cache_gib`` is what their keys and values have, and a quarter of it more
    for prefixes that may come again; ``adapters`` is how many LoRA adapters stay loaded."""

    slots: int = Field(default=32, ge=1, le=1024)
    cache_gib: int = Field(default=2, ge=1, le=1024)
    adapters: int = Field(default=4, ge=1, le=64)


class OpenvinoOptions(LocalOptions):
    """``slots`` sequences are in one batch; ``cache_gib`` is what keys and values have for all of them and for prefixes
    that may come again, in ``cache_precision`` (``default``: what OpenVINO takes for the processor)."""

    slots: int = Field(default=32, ge=1, le=1024)
    cache_gib: int = Field(default=1, ge=1, le=1024)
    cache_precision: CachePrecision = "default"


class LlamacppOptions(LocalOptions):
    pass


class VllmOptions(LocalOptions):
    """``adapters`` of at most ``adapter_rank`` are in one batch; ``gpu_memory`` is the part of the device's memory that
    weights, keys and values have."""

    slots: int = Field(default=256, ge=1, le=4096)
    adapters: int = Field(default=4, ge=1, le=64)
    adapter_rank: Literal[8, 16, 32, 64, 128, 256] = 64
    gpu_memory: float = Field(default=0.9, gt=0, le=1)


class AutoOptions(TransformersOptions, OpenvinoOptions, LlamacppOptions, VllmOptions):
    """Those of every engine that may be chosen; each takes the ones that it knows, and its own defaults."""


class GeneratorEntry(ModelEntry):
    """A model that generates text in this process."""

    source: Source
    pool: Pool = "text"
    capabilities: tuple[Capability, ...] = ("chat", "completion")


class TransformersEntry(GeneratorEntry):
    engine: Literal["transformers"]
    options: TransformersOptions = TransformersOptions()


class OpenvinoEntry(GeneratorEntry):
    engine: Literal["openvino"]
    options: OpenvinoOptions = OpenvinoOptions()


class LlamacppEntry(GeneratorEntry):
    engine: Literal["llamacpp"]
    options: LlamacppOptions = LlamacppOptions()


class VllmEntry(GeneratorEntry):
    engine: Literal["vllm"]
    options: VllmOptions = VllmOptions()


OwnEntry = TransformersEntry | OpenvinoEntry | LlamacppEntry | VllmEntry
KINDS: dict[str, type[OwnEntry]] = {
    "transformers": TransformersEntry, "openvino": OpenvinoEntry, "llamacpp": LlamacppEntry, "vllm": VllmEntry,
}  # fmt: skip


class AutoEntry(GeneratorEntry):
    """Whatever engine serves it best on the machine where it runs (``workers.engines.choice``)."""

    engine: Literal["auto"]
    options: AutoOptions = AutoOptions()

    def on(self, engine: str) -> OwnEntry:
        """The same model on one engine; the options that this one does not know are left out."""
        kind = KINDS[engine]
        known = type(kind.model_fields["options"].default).model_fields
        options = {name: value for name, value in self.options.model_dump(exclude_unset=True).items() if name in known}
        shared = {name: getattr(self, name) for name in GeneratorEntry.model_fields}
        return kind.model_validate({**shared, "engine": engine, "options": options})
