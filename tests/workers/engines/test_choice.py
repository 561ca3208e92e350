"""What `engine: auto` picks, by machine, installed extras and files."""

from typing import Any

import pytest

from schemas.errors import ModelNotAvailable
from workers.engines.choice import Machine, choose, explained, here
from workers.models.manifest import AutoEntry, Manifest, ModelEntry

GIB = 2**30
GGUF = {"source": {"wheel": "x==1"}, "sha256": {"m.gguf": "a" * 64}}
FOLDER = {"source": {"directory": "/m"}, "sha256": {"model.safetensors": "a" * 64}}
IR = {"source": {"directory": "/m"}, "sha256": {"openvino_model.xml": "a" * 64, "openvino_model.bin": "a" * 64}}
ALL = ("vllm", "openvino", "llamacpp", "transformers")


def entry(files: dict[str, Any], **options: Any) -> AutoEntry:
    made = Manifest.model_validate({"models": {"m": {"engine": "auto", **files, "options": options}}}).entry("m")
    assert isinstance(made, AutoEntry)
    return made


def machine(*engines: str, processor: str = "x86_64", memory: int = 16 * GIB, cuda: bool = False) -> Machine:
    return Machine(processor, memory, cuda, frozenset(engines))


@pytest.mark.parametrize(
    ("where", "what", "engine", "second"),
    [
        (machine(*ALL, cuda=True), entry(FOLDER), "vllm", None),  # the CUDA default
        (machine(*ALL, cuda=True), entry(FOLDER, quantization="int8"), "transformers", None),  # vllm makes no int8
        (machine(*ALL, cuda=True), entry(GGUF), "transformers", None),  # vllm wants safetensors
        (machine("transformers", cuda=True), entry(FOLDER), "transformers", None),
        (machine(*ALL), entry(GGUF), "openvino", "transformers"),
        (machine(*ALL), entry(IR), "openvino", None),  # nothing else reads it
        (machine(*ALL), entry(FOLDER), "transformers", None),
        (machine(*ALL), entry(GGUF, quantization="int8"), "transformers", None),  # made when loaded
        (machine(*ALL, processor="aarch64"), entry(GGUF), "llamacpp", "transformers"),
        (machine(*ALL, memory=2 * GIB), entry(GGUF), "llamacpp", "transformers"),
        (machine("openvino", "transformers", processor="aarch64"), entry(GGUF), "transformers", None),
        (machine("transformers"), entry(GGUF), "transformers", None),
        (machine("llamacpp"), entry(GGUF), "llamacpp", None),
    ],
)
def test_the_best_that_is_here(where: Machine, what: AutoEntry, engine: str, second: str | None) -> None:
    choice = choose(what, where)

    assert (choice.engine, choice.second) == (engine, second)
    assert choice.why


def test_nothing_that_could_run_it_is_said_with_the_remedy() -> None:
    with pytest.raises(ModelNotAvailable, match="pip install"):
        choose(entry(FOLDER), machine("llamacpp"))


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (entry(GGUF), "openvino, transformers for adapters"),
        (entry(FOLDER), "openvino does not run safetensors files here"),
        (Manifest.load().entry("echo"), "echo (the manifest says so)"),
    ],
)
def test_an_explanation_is_a_line(what: ModelEntry, said: str) -> None:
    assert said in explained(what, machine(*ALL))
    assert "\n" not in explained(what, machine(*ALL))


def test_options_go_to_the_engines_that_know_them() -> None:
    made = entry(GGUF, threads=2, adapters=8, slots=16)

    assert made.on("openvino").options.model_dump(exclude_unset=True) == {"threads": 2, "slots": 16}
    assert made.on("llamacpp").options.model_dump(exclude_unset=True) == {"threads": 2}
    assert made.on("transformers").name == "m"


def test_this_machine_is_known() -> None:
    assert here().memory > GIB
    assert here().engines <= set(ALL)
