"""Faces and nakedness in pictures, by the nudenet detector (a YOLOv8n of 320 pixels a side), whose wheel contains it.

The wheel is not imported: its model is opened by path, once its digest is that of the version that is pinned.
"""

import asyncio
import hashlib
import importlib.util
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import ModelNotAvailable
from workers.vision.pictures import PIXELS, decode

if TYPE_CHECKING:
    from PIL.Image import Image

MODEL = "320n.onnx"
SHA256 = "c15d8273adad2d0a92f014cc69ab2d6c311a06777a55545f2c4eb46f51911f0f"
SIDE = 320
CLASSES: dict[str, tuple[int, ...]] = {"FACE": (1, 12), "NUDITY": (2, 3, 4, 6, 14)}
"""The model's outputs for what is looked for: faces; buttocks, breasts, genitals and anus that are not covered."""


class NudeNet:
    """A ``Watcher`` that looks at one picture at a time, in a thread of its own."""

    def __init__(self, *, pixels: int = PIXELS) -> None:
        self._pixels = pixels
        self._session: Any = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="safety")

    async def start(self) -> None:
        """Raises ``ModelNotAvailable`` when the extra ``safety`` is not installed, or is another version."""
        self._session = await asyncio.get_running_loop().run_in_executor(self._executor, _load)

    async def stop(self) -> None:
        self._session = None
        await asyncio.to_thread(self._executor.shutdown)

    async def look(self, image: bytes) -> dict[str, float]:
        if self._session is None:
            raise ModelNotAvailable("what looks at pictures is not started")
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._look, image)

    def _look(self, image: bytes) -> dict[str, float]:
        import numpy as np

        outcome = self._session.run(None, {"images": _tensor(decode(image, self._pixels))})[0]
        best = np.max(outcome[0, 4:], axis=1)
        return {name: float(max(best[number] for number in numbers)) for name, numbers in CLASSES.items()}


def _load() -> Any:
    spec = importlib.util.find_spec("nudenet")
    if spec is None or not spec.submodule_search_locations:
        raise ModelNotAvailable("looking at pictures needs the extra 'safety': pip install headrace[safety]")
    file = Path(spec.submodule_search_locations[0]) / MODEL
    if hashlib.sha256(file.read_bytes()).hexdigest() != SHA256:
        raise ModelNotAvailable("nudenet has another model than the one that is known here: install nudenet==3.4.2")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _tensor(picture: "Image") -> Any:
    """The picture in the upper left of a black square: float32 [1, 3, side, side], RGB from 0 to 1."""
    import numpy as np

    small = picture.convert("RGB")
    small.thumbnail((SIDE, SIDE))
    square = np.zeros((SIDE, SIDE, 3), dtype=np.float32)
    square[: small.height, : small.width] = np.asarray(small, dtype=np.float32) / 255
    return square.transpose(2, 0, 1)[None]
