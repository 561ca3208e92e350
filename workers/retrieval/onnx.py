"""Encoders in ONNX Runtime: exported from torch once, on request with weights of 8 bits, and kept.

Dynamic quantisation (Jacob et al., 2018, arXiv:1712.05877): weights in int8 for each column, activations in uint8 as
they come. Matrices that make vectors shorter stay in float32: what comes into them, after the activation, has
outliers that 8 bits cannot hold (measured with all-MiniLM-L6-v2: a least cosine of 0.989 instead of 0.975).
"""

import hashlib
import json
import logging
import os
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from schemas.errors import ModelNotAvailable
from workers.models.manifest import EncoderEntry
from workers.retrieval.tokens import Arrays

if TYPE_CHECKING:
    import numpy as np
    import torch

log = logging.getLogger(__name__)

FORMAT = 1
"""Goes up when what is exported changes."""
FILE = "model.onnx"
BIG = 3 * 2**29
"""Bytes of weights over which they stand in a file beside the graph: protobuf ends at 2 GiB."""
TOLERANCE = {"none": 0.01, "int8": 0.35}
"""How far the export may be from the network: the length of the difference over that of the value. For vectors of
length 1, 0.35 is a cosine of 0.94."""


class OnnxRuntime:
    """Runs an exported network, on CUDA where ONNX Runtime has it. Raises ``ModelNotAvailable`` for a damaged file."""

    def __init__(self, file: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or max(1, len(os.sched_getaffinity(0)) - 1)
        options.enable_cpu_mem_arena = False  # it keeps room for each shape that it has seen
        there = onnxruntime.get_available_providers()
        wanted = [name for name in ("CUDAExecutionProvider", "CPUExecutionProvider") if name in there]
        try:
            self._session = onnxruntime.InferenceSession(file, options, providers=wanted)
        except Exception as error:  # ONNX Runtime's errors have no root but this
            raise ModelNotAvailable(f"{file.parent.name} cannot be loaded; delete {file.parent}") from error
        self._names = {given.name for given in self._session.get_inputs()}

    def __call__(self, arrays: Arrays) -> "np.ndarray[Any, Any]":
        """What the network makes of padded rows: [texts, dimensions or labels]."""
        out: np.ndarray[Any, Any] = self._session.run(
            None, {name: array for name, array in arrays.items() if name in self._names}
        )[0]
        return out


def kept(
    entry: EncoderEntry, path: Path, state: Path, network: "Callable[[], torch.nn.Module]", recipe: str, example: Arrays
) -> OnnxRuntime:
    """The exported model out of ``<state>/onnx``; made when it is not there, or is there and damaged.

    Args:
        network: loads the model; called only when it has to be exported.
        recipe: what else than weights, configuration and quantisation the export depends on.
        example: at least two rows of unlike length.

    Raises:
        ModelNotAvailable: it cannot be exported, or is not what the network is.
    """
    place = state / "onnx" / f"{entry.name}-{digest(entry, path, recipe)}"
    if place.is_dir():
        try:
            return OnnxRuntime(place / FILE, entry.options.threads)
        except ModelNotAvailable:
            log.warning("an exported model is damaged and is made again", extra={"model": entry.name})
            shutil.rmtree(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(mkdtemp(prefix=f".{place.name}-", dir=place.parent))
    try:
        made = network()
        _export(made, partial / FILE, example)
        if entry.options.quantization == "int8":
            _quantise(partial / FILE)
        _check(entry, made, OnnxRuntime(partial / FILE, entry.options.threads), example)
        partial.chmod(0o755)
        if not place.is_dir():
            partial.rename(place)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return OnnxRuntime(place / FILE, entry.options.threads)


def digest(entry: EncoderEntry, path: Path, recipe: str) -> str:
    """16 hexadecimal digits of all that an export depends on."""
    config = hashlib.sha256((path / "config.json").read_bytes()).hexdigest()
    parts = [FORMAT, entry.sha256, config, recipe, entry.options.quantization]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def _export(network: "torch.nn.Module", file: Path, example: Arrays) -> None:
    import torch

    names = list(example)
    texts, tokens = torch.export.Dim("texts"), torch.export.Dim("tokens")
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter's, to its own authors
        try:
            torch.onnx.export(
                network,
                tuple(torch.from_numpy(example[name]) for name in names),
                file,
                input_names=names,
                output_names=["out"],
                dynamic_shapes=tuple({0: texts, 1: tokens} for _ in names),
                dynamo=True,
                external_data=_bytes(network) > BIG,
                verbose=False,
            )
        except Exception as error:  # whatever the exporter cannot do with an architecture
            raise ModelNotAvailable(
                f"this architecture cannot be exported ({type(error).__name__}): use 'runtime: torch'"
            ) from error


def _bytes(network: "torch.nn.Module") -> int:
    return sum(weights.numel() * weights.element_size() for weights in network.parameters())


def _quantise(file: Path) -> None:
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = onnx.load(file).graph
    shapes = {weights.name: weights.dims for weights in graph.initializer}
    shorter = [
        node.name
        for node in graph.node
        if node.op_type == "MatMul" and node.input[1] in shapes and _shortens(shapes[node.input[1]])
    ]
    whole = file.with_suffix(".whole.onnx")
    file.rename(whole)
    big = whole.with_name(f"{FILE}.data").exists()
    quantize_dynamic(
        whole,
        file,
        weight_type=QuantType.QInt8,
        per_channel=True,
        nodes_to_exclude=shorter,
        use_external_data_format=big,
    )
    whole.unlink()


def _shortens(shape: Any) -> bool:
    return len(shape) == 2 and shape[0] > shape[1]


def _check(entry: EncoderEntry, network: "torch.nn.Module", runtime: OnnxRuntime, example: Arrays) -> None:
    import numpy as np
    import torch

    with torch.inference_mode():
        true = network(**{name: torch.from_numpy(array) for name, array in example.items()}).numpy()
    off = float(np.linalg.norm(runtime(example) - true) / np.linalg.norm(true))
    if not off <= TOLERANCE[entry.options.quantization]:
        raise ModelNotAvailable(
            f"{entry.name} exported with quantization {entry.options.quantization} is {off:.2f} off what it should be: "
            + ("use 'quantization: none'" if entry.options.quantization == "int8" else "use 'runtime: torch'")
        )
