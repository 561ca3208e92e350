"""What pictures show, by the real model: a portrait that comes with matplotlib has a face in it."""

import importlib.util
import io
from pathlib import Path

import pytest
from PIL import Image

from schemas.errors import InvalidUpload, ModelNotAvailable
from workers.vision import safety
from workers.vision.safety import NudeNet


@pytest.fixture
def portrait() -> bytes:
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None
    folder = Path(next(iter(spec.submodule_search_locations or ())))
    return (folder / "mpl-data" / "sample_data" / "grace_hopper.jpg").read_bytes()


def turned(data: bytes, form: str, width: int) -> bytes:
    buffer = io.BytesIO()
    picture = Image.open(io.BytesIO(data))
    picture.resize((width, width * picture.height // picture.width)).save(buffer, form)
    return buffer.getvalue()


async def test_a_face_is_seen_and_no_nakedness(portrait: bytes) -> None:
    watcher = NudeNet()
    await watcher.start()
    try:
        for each in (portrait, turned(portrait, "PNG", 200), turned(portrait, "WEBP", 1500)):
            seen = await watcher.look(each)
            assert seen.keys() == {"FACE", "NUDITY"}
            assert seen["FACE"] > 0.5 > seen["NUDITY"]
    finally:
        await watcher.stop()


@pytest.mark.parametrize("size", [(1, 1), (3000, 20), (320, 320)])
async def test_an_empty_picture_shows_nothing(size: tuple[int, int]) -> None:
    buffer = io.BytesIO()
    Image.new("RGBA", size, (200, 180, 20, 255)).save(buffer, "PNG")
    watcher = NudeNet()
    await watcher.start()
    try:
        assert max((await watcher.look(buffer.getvalue())).values()) < 0.25
        with pytest.raises(InvalidUpload):
            await watcher.look(b"no picture")
    finally:
        await watcher.stop()


async def test_what_cannot_look_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelNotAvailable, match="not started"):
        await NudeNet().look(b"")
    monkeypatch.setattr(safety, "SHA256", "0" * 64)
    with pytest.raises(ModelNotAvailable, match="another model"):
        await NudeNet().start()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelNotAvailable, match="extra 'safety'"):
        await NudeNet().start()
