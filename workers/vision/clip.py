"""Pictures and texts in one space with open_clip: embeddings and zero-shot matching (CLIP, arXiv:2103.00020).

A model is a directory with ``open_clip_config.json`` and one ``.safetensors`` file. Nothing is fetched and
nothing in it is run: towers that would load code or weights from elsewhere are refused.
"""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.errors import InvalidField, ModelNotAvailable
from workers.vision.pictures import PIXELS, decode

if TYPE_CHECKING:
    import torch

CONFIG = "open_clip_config.json"
CONFIG_BYTES = 2**20
AT_ONCE = 32
LABELS = 256
TEXT_CHARS = 2_000


@dataclass(frozen=True)
class _Loaded:
    model: Any
    look: Callable[[Any], "torch.Tensor"]
    words: Callable[[Sequence[str]], "torch.Tensor"]


class ClipMatcher:
    """A ``Matcher`` over the model in ``directory``; ``None`` means that the manifest names none."""

    def __init__(self, directory: Path | None, *, threads: int = 2, pixels: int = PIXELS) -> None:
        self._directory = directory
        self._threads = threads
        self._pixels = pixels
        self._loaded: _Loaded | None = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="clip")

    async def start(self) -> None:
        if self._directory is None:
            raise ModelNotAvailable("no model matches pictures with texts here; name an open_clip model in models.yaml")
        self._loaded = await self._run(_load, self._directory, self._threads)
        await self.embed_texts(["warm-up"])

    async def stop(self) -> None:
        self._loaded = None
        await asyncio.to_thread(self._executor.shutdown)

    async def embed_images(self, images: Sequence[bytes]) -> list[list[float]]:
        _bound(images, AT_ONCE, "pictures")
        vectors: torch.Tensor = await self._run(_see, self._ready, images, self._pixels)
        return _listed(vectors)

    async def embed_texts(self, texts: Sequence[str]) -> list[list[float]]:
        _bound(texts, LABELS, "texts")
        vectors: torch.Tensor = await self._run(_say, self._ready, texts)
        return _listed(vectors)

    async def match(self, image: bytes, labels: Sequence[str]) -> tuple[float, ...]:
        _bound(labels, LABELS, "labels")
        scores: tuple[float, ...] = await self._run(_match, self._ready, image, labels, self._pixels)
        return scores

    @property
    def _ready(self) -> _Loaded:
        if self._loaded is None:
            raise ModelNotAvailable("the picture model is not loaded")
        return self._loaded

    async def _run(self, function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, function, *args)


def _bound(items: Sequence[Any], most: int, what: str) -> None:
    if not 1 <= len(items) <= most:
        raise InvalidField(f"{len(items)} {what} at once; send 1 to {most}", param=what)


def _listed(vectors: "torch.Tensor") -> list[list[float]]:
    listed: list[list[float]] = vectors.tolist()
    return listed


def _load(directory: Path, threads: int) -> _Loaded:
    """The model in float32 on the CPU. Raises ``ModelNotAvailable`` when the directory does not hold one."""
    config, weights = _config(directory), _weights(directory)
    try:
        import open_clip
        import torch
        from open_clip.transform import PreprocessCfg, image_transform_v2
        from safetensors.torch import load_model
    except ImportError as error:
        raise ModelNotAvailable("matching pictures needs the 'vision' extra: pip install headrace[vision]") from error
    torch.set_num_threads(threads)
    try:
        model = open_clip.CLIP(**config["model_cfg"])
        load_model(model, weights, strict=True)
        look = image_transform_v2(PreprocessCfg(size=model.visual.image_size, **_preprocess(config)), is_train=False)
    except Exception as error:
        raise ModelNotAvailable(f"the picture model in '{directory.name}' does not load: {type(error).__name__}") from (
            error
        )
    words = open_clip.SimpleTokenizer(context_length=model.context_length)
    return _Loaded(model.eval().requires_grad_(False), look, words)


def _config(directory: Path) -> dict[str, Any]:
    path = directory / CONFIG
    try:
        text = path.read_bytes()[:CONFIG_BYTES]
        config: dict[str, Any] = json.loads(text)
        towers = {**config["model_cfg"]["vision_cfg"], **config["model_cfg"]["text_cfg"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelNotAvailable(f"'{directory.name}' holds no open_clip model: {CONFIG} is missing or wrong") from error
    if foreign := sorted(key for key in towers if key.startswith(("hf_", "timm_"))):
        raise ModelNotAvailable(f"the picture model's {foreign[0]} would load from elsewhere; use one with own towers")
    return config


def _preprocess(config: Mapping[str, Any]) -> dict[str, Any]:
    known = ("mean", "std", "interpolation", "resize_mode", "fill_color")
    return {key: value for key, value in (config.get("preprocess_cfg") or {}).items() if key in known}


def _weights(directory: Path) -> Path:
    found = sorted(directory.glob("*.safetensors"))
    if len(found) != 1:
        raise ModelNotAvailable(f"'{directory.name}' holds {len(found)} .safetensors files; a picture model has one")
    return found[0]


def _see(loaded: _Loaded, images: Sequence[bytes], pixels: int) -> "torch.Tensor":
    import torch

    with torch.inference_mode():
        batch = torch.stack([loaded.look(decode(image, pixels).convert("RGB")) for image in images])
        vectors: torch.Tensor = loaded.model.encode_image(batch, normalize=True)
        return vectors


def _say(loaded: _Loaded, texts: Sequence[str]) -> "torch.Tensor":
    import torch

    with torch.inference_mode():
        vectors: torch.Tensor = loaded.model.encode_text(loaded.words([t[:TEXT_CHARS] for t in texts]), normalize=True)
        return vectors


def _match(loaded: _Loaded, image: bytes, labels: Sequence[str], pixels: int) -> tuple[float, ...]:
    """Softmax over the scaled cosines of the picture with each label."""
    cosines = _see(loaded, [image], pixels) @ _say(loaded, labels).T
    scores = (loaded.model.logit_scale.exp() * cosines).softmax(dim=-1)
    return tuple(scores[0].tolist())
