"""Text in pictures with rapidocr (PP-OCR models, which its wheel contains): Chinese and English, on the CPU."""

import asyncio
import logging
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from schemas.errors import InternalError, ModelNotAvailable
from workers.vision.pictures import PIXELS, decode
from workers.vision.port import Box, Line, Reading

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Quads = NDArray[np.float64]

MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
}
SIDE = 2_000
LINES = 500
LINE_CHARS = 500
SLIMMEST = 4
"""A picture slimmer than 1 to 4 is padded to that: the detector scales the short side up to 736 pixels."""
TALL = 1.5
"""Boxes that much taller than wide hold a line that runs downwards or upwards."""


class RapidReader:
    """A ``Reader`` that reads one picture at a time in a thread of its own, with ``threads`` threads of onnxruntime.

    Nothing is fetched: the three models are opened by path. Work is bounded by the scaled picture (a side of at
    most 2,000 pixels) and by 500 lines.
    """

    def __init__(self, *, threads: int = 2, pixels: int = PIXELS) -> None:
        self._threads = max(1, min(threads, os.cpu_count() or 1))
        self._pixels = pixels
        self._engine: Any = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="ocr")

    async def start(self) -> None:
        """Load the models and read an empty picture: the first takes longer."""
        engine = await self._run(_load, self._threads)
        await self._run(_warm_up, engine)
        self._engine = engine

    async def stop(self) -> None:
        self._engine = None
        await asyncio.to_thread(self._executor.shutdown)

    async def read(self, image: bytes) -> Reading:
        if self._engine is None:
            raise ModelNotAvailable("the text reader is not started")
        reading: Reading = await self._run(self._read, image)
        return reading

    async def _run(self, function: Any, *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *args)

    def _read(self, image: bytes) -> Reading:
        pixels = _padded(_array(image, self._pixels))
        try:
            result = self._engine(pixels)
            if not result.txts:
                return Reading()
            quads = _upright(result.boxes.astype(float), self._engine, pixels)
        except Exception as error:
            raise InternalError("the text reader failed on this picture") from error
        return Reading(tuple(_ordered(_lines(quads, result.txts, result.scores))))


def _warm_up(engine: Any) -> None:
    import numpy as np

    engine(np.full((64, 256, 3), 255, np.uint8))


def _load(threads: int) -> Any:
    """The engine with its three models loaded; its own log is silenced, since it would print what it reads."""
    try:
        import cv2
        import rapidocr
    except ImportError as error:
        raise ModelNotAvailable(
            "reading text in pictures needs the 'vision' extra: pip install headrace[vision]"
        ) from (error)
    logging.getLogger("RapidOCR").handlers.clear()
    cv2.setNumThreads(threads)
    models = os.path.join(os.path.dirname(rapidocr.__file__), "models")
    engine = rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.max_candidates": LINES,
            **{f"{part}.model_path": os.path.join(models, name) for part, name in MODELS.items()},
        }
    )
    try:
        for load in (engine._load_det_model, engine._load_cls_model, engine._load_rec_model):
            load()
    except Exception as error:
        raise ModelNotAvailable("the text reader's models do not load; install rapidocr again") from error
    return engine


def _array(image: bytes, limit: int) -> "Pixels":
    """Pixels as the engine takes them, no larger than it looks at: BGR, or RGBA, for which it finds a ground."""
    import numpy as np

    picture = decode(image, limit)
    picture.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    pixels: Pixels = np.asarray(picture)
    return pixels if pixels.shape[2] == 4 else np.ascontiguousarray(pixels[:, :, ::-1])


def _padded(pixels: "Pixels") -> "Pixels":
    """The picture with its last row or column repeated until it is no slimmer than 1 to 4."""
    import numpy as np

    height, width = pixels.shape[:2]
    more = (max(0, width // SLIMMEST - height), max(0, height // SLIMMEST - width))
    return np.pad(pixels, ((0, more[0]), (0, more[1]), (0, 0)), mode="edge") if any(more) else pixels


def _upright(quads: "Quads", engine: Any, pixels: "Pixels") -> "Quads":
    """The corners (lines x 4 x 2) turned so that the page reads from left to right and from top to bottom.

    The direction of the page is the sum of the directions of its lines, so long lines count more.
    """
    import numpy as np

    across, down = quads[:, 1] - quads[:, 0], quads[:, 3] - quads[:, 0]
    widths, heights = np.linalg.norm(across, axis=1), np.linalg.norm(down, axis=1)
    along = np.where((heights >= TALL * widths)[:, None], down, across)
    longest = np.argsort(-np.maximum(widths, heights))[:3]
    x, y = along.sum(axis=0) * (-1 if _head_down(quads[longest], engine, pixels) else 1)
    cosine, sine = np.array((x, y)) / max(float(np.hypot(x, y)), 1e-9)
    turned = quads @ np.array(((cosine, -sine), (sine, cosine)))
    upright: Quads = turned - turned.min(axis=(0, 1))
    return upright


def _head_down(quads: "Quads", engine: Any, pixels: "Pixels") -> bool:
    """Whether most of these lines stand on their heads, as the engine's classifier sees them."""
    crops = engine.crop_text_regions(pixels[:, :, :3], quads.astype("float32"))
    _, seen = engine.cls_and_rotate(crops)
    turned = [label for label, score in seen.cls_res if "180" in label and score > 0.9]
    return 2 * len(turned) > len(crops)


def _lines(quads: "Quads", texts: Sequence[str], scores: Sequence[float]) -> Iterable[Line]:
    for quad, text, score in zip(quads, texts, scores, strict=True):
        left, top = (float(edge) for edge in quad.min(axis=0))
        right, bottom = (float(edge) for edge in quad.max(axis=0))
        yield Line(text[:LINE_CHARS], Box(left, top, right, bottom), float(score))


def _ordered(lines: Iterable[Line]) -> Iterable[Line]:
    reading = Reading(tuple(lines))
    return (reading.lines[index] for row in reading.rows for index in row)
