"""`headrace models bench`: every setting that can run, a process each."""

from pathlib import Path
from typing import Any

import pytest

from streams.cli.bench import measure, row
from tests.contracts import making, tiny
from workers.engines.choice import Machine
from workers.engines.trial import Measured, trials

PC = Machine("x86_64", 16 * 2**30, False, frozenset({"transformers", "openvino", "llamacpp"}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make(tmp_path_factory.mktemp("tiny"))


def names(given: dict[str, Any], machine: Machine = PC) -> list[str]:
    return [trial.name for trial in trials(making.entry(given), Path("/m"), machine)]


def test_each_engine_is_tried_with_the_files_that_it_reads(folder: Path) -> None:
    gguf = making.gguf(folder, "auto")
    safetensors = {**gguf, "source": {"directory": "/m"}, "sha256": {"model.safetensors": "a" * 64}}
    every = ["transformers none", "transformers bf16", "transformers int8", "transformers int4"]
    gpu = Machine("x86_64", 2**34, True, frozenset({"vllm"}))

    assert sorted(names(gguf)) == sorted([*every, "openvino none", "llamacpp none"])
    assert names(safetensors) == every
    assert names(safetensors, gpu) == ["vllm none", "vllm bf16", "vllm int4"]
    assert names({"engine": "echo"}) == []


def test_options_of_the_manifest_are_kept(folder: Path) -> None:
    given = making.gguf(folder, "openvino", threads=3, slots=5)
    made = {trial.name: trial.entry.options for trial in trials(making.entry(given), Path("/m"), PC)}

    assert made["openvino none"].threads == made["llamacpp none"].threads == 3


@pytest.mark.timeout(300)
def test_a_trial_is_measured_in_a_process_of_its_own(folder: Path) -> None:
    given = making.gguf(folder, "llamacpp")
    pytest.importorskip("llama_cpp", reason="the extra 'llamacpp' is not installed")
    machine = Machine("x86_64", 2**34, False, frozenset({"llamacpp"}))
    [(trial, said)] = measure(list(trials(making.entry(given), making.file_of(folder), machine)))

    assert not said.refused
    assert said.engine.startswith("llamacpp")
    assert min(said.alone, said.together, said.first_ms, said.load_s) > 0
    assert said.memory > 2**20
    assert row(trial, said)[1] == "none"


def test_one_that_cannot_run_says_why(folder: Path) -> None:
    given = making.gguf(folder, "llamacpp")
    machine = Machine("x86_64", 2**34, False, frozenset({"llamacpp"}))
    [(_, said)] = measure(list(trials(making.entry(given), folder / "gguf" / "none.gguf", machine)))

    assert isinstance(said, Measured)
    assert said.refused
