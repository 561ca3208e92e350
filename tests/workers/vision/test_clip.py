"""The contract of matchers, with a tiny CLIP of random weights, and what no model is."""

import json
import math
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import open_clip
import pytest
import torch
from PIL import Image
from safetensors.torch import save_model

from schemas.errors import HeadraceError, InvalidField, InvalidUpload, ModelNotAvailable
from workers.vision.clip import ClipMatcher
from workers.vision.doubles import DigestMatcher
from workers.vision.port import Matcher

Png = Callable[..., bytes]
TINY: dict[str, Any] = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 1, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}
PREPROCESS = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bilinear"}


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny-clip"
    path.mkdir()
    torch.manual_seed(7)
    save_model(open_clip.CLIP(**TINY), str(path / "open_clip_model.safetensors"))
    (path / "open_clip_config.json").write_text(json.dumps({"model_cfg": TINY, "preprocess_cfg": PREPROCESS}))
    return path


@pytest.fixture(params=["double", "clip"])
async def matcher(request: pytest.FixtureRequest, directory: Path) -> AsyncIterator[Matcher]:
    matcher: Matcher = DigestMatcher() if request.param == "double" else ClipMatcher(directory, threads=1)
    await matcher.start()
    yield matcher
    await matcher.stop()


def length(vector: list[float]) -> float:
    return math.hypot(*vector)


async def test_vectors_are_normal_of_one_length_and_repeat(matcher: Matcher, png: Png) -> None:
    red, blue = (png(Image.new("RGB", (40, 30), color)) for color in ("red", "blue"))
    images = await matcher.embed_images([red, blue])
    texts = await matcher.embed_texts(["a cat", "一只猫", ""])
    assert {len(vector) for vector in (*images, *texts)} == {len(images[0])}
    assert [length(vector) for vector in (*images, *texts)] == pytest.approx([1.0] * 5, abs=1e-5)
    assert images[0] != images[1]
    assert await matcher.embed_images([red, blue]) == images


async def test_scores_add_up_to_one(matcher: Matcher, png: Png) -> None:
    scores = await matcher.match(png(Image.new("RGB", (40, 30))), ["发票", "a cat", "a map"])
    assert len(scores) == 3
    assert sum(scores) == pytest.approx(1.0, abs=1e-5)


async def test_scores_are_the_softmax_of_scaled_cosines(directory: Path, png: Png) -> None:
    matcher, image, labels = ClipMatcher(directory), png(Image.new("RGB", (40, 30), "green")), ["a cat", "a map"]
    await matcher.start()
    (seen,), said = await matcher.embed_images([image]), await matcher.embed_texts(labels)
    scaled = torch.tensor(said) @ torch.tensor(seen) * torch.tensor(1 / 0.07)
    assert await matcher.match(image, labels) == pytest.approx(scaled.softmax(0).tolist(), abs=1e-4)
    with pytest.raises(InvalidUpload):
        await matcher.embed_images([b"no picture"])
    with pytest.raises(InvalidField, match="0 labels"):
        await matcher.match(image, [])
    with pytest.raises(InvalidField, match="33 pictures"):
        await matcher.embed_images([image] * 33)
    await matcher.stop()


async def test_without_a_model_it_says_so() -> None:
    with pytest.raises(ModelNotAvailable, match=r"name an open_clip model in models\.yaml"):
        await ClipMatcher(None).start()
    with pytest.raises(ModelNotAvailable, match="not loaded"):
        await ClipMatcher(None).embed_texts(["a"])


@pytest.mark.parametrize(
    ("config", "weights", "says"),
    [
        (None, 1, "open_clip_config.json is missing"),
        ("{", 1, "missing or wrong"),
        ({"model_cfg": []}, 1, "missing or wrong"),
        ({"model_cfg": {**TINY, "text_cfg": {"hf_model_name": "a/b"}}}, 1, "hf_model_name would load from elsewhere"),
        ({"model_cfg": {**TINY, "vision_cfg": {"timm_model_name": "x"}}}, 1, "timm_model_name"),
        ({"model_cfg": TINY}, 0, "holds 0 .safetensors files"),  # weights in another format are not looked at
        ({"model_cfg": TINY}, 2, "holds 2 .safetensors files"),
        ({"model_cfg": TINY}, 1, "does not load: SafetensorError"),  # not what its name says
        ({"model_cfg": {**TINY, "surprise": 1}}, 1, "does not load: TypeError"),
    ],
)
async def test_directories_that_hold_no_model(config: Any, weights: int, says: str, tmp_path: Path) -> None:
    if config is not None:
        text = config if isinstance(config, str) else json.dumps(config)
        (tmp_path / "open_clip_config.json").write_text(text)
    for number in range(weights):
        (tmp_path / f"{number}.safetensors").write_bytes(b"junk")
    (tmp_path / "open_clip_pytorch_model.bin").write_bytes(b"junk")
    with pytest.raises(HeadraceError) as caught:
        await ClipMatcher(tmp_path).start()
    assert caught.value.code == "model_not_available"
    assert says in caught.value.message


async def test_weights_of_another_shape_do_not_load(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": {**TINY, "embed_dim": 8}}))
    (tmp_path / "model.safetensors").write_bytes((directory / "open_clip_model.safetensors").read_bytes())
    with pytest.raises(ModelNotAvailable, match="does not load"):
        await ClipMatcher(tmp_path).start()
