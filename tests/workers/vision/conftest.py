"""Documents drawn with a Chinese font, whose wheel is never imported and whose digest is checked."""

import asyncio
import hashlib
import importlib.util
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from workers.vision.doubles import inscribe
from workers.vision.ocr import RapidReader

NOTO_SANS_SC = "faa6c9df652116dde789d351359f3d7e5d2285a2b2a1f04a2d7244df706d5ea9"
Cell = tuple[int, int, str]
Draw = Callable[..., Image.Image]
Png = Callable[..., bytes]


@pytest.fixture(scope="session")
def font() -> Path:
    spec = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    assert spec is not None, "the dev extra brings the font: pip install headrace[dev]"
    path = Path(next(iter(spec.submodule_search_locations or ()))) / "NotoSansSC-Regular.otf"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == NOTO_SANS_SC
    return path


@pytest.fixture
def draw(font: Path) -> Draw:
    """Draws cells (x, y, text) on a page."""

    def _draw(
        cells: Sequence[Cell], size: tuple[int, int] = (820, 420), ink: str = "black", paper: str = "white"
    ) -> Image.Image:
        page = Image.new("RGB", size, paper)
        pen, face = ImageDraw.Draw(page), ImageFont.truetype(str(font), 24)
        for x, y, text in cells:
            pen.text((x, y), text, font=face, fill=ink)
        return page

    return _draw


@pytest.fixture
def png() -> Png:
    def _png(page: Image.Image, says: str = "") -> bytes:
        buffer = io.BytesIO()
        (inscribe(page, says) if says else page).save(buffer, "PNG")
        return buffer.getvalue()

    return _png


@pytest.fixture(scope="session")
def rapid() -> Iterator[RapidReader]:
    """The real reader, loaded once."""
    reader = RapidReader(threads=2)
    asyncio.run(reader.start())
    yield reader
    asyncio.run(reader.stop())
