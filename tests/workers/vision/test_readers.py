"""The contract of readers: the double and the real one read the same document alike."""

import io
from collections.abc import Callable

import pytest
from PIL import Image

from schemas.errors import InvalidUpload, ModelNotAvailable, TooLarge
from workers.vision.doubles import InscribedReader
from workers.vision.ocr import RapidReader
from workers.vision.port import Reader

Draw = Callable[..., Image.Image]
Png = Callable[..., bytes]
CELLS = [(40, 30, "Invoice"), (40, 90, "总金额"), (420, 92, "¥10,170.00"), (40, 150, "Date: 2026-03-14")]
SAYS = "Invoice\n总金额\t¥10,170.00\nDate: 2026-03-14"


@pytest.fixture(params=["inscribed", "rapid"])
def reader(request: pytest.FixtureRequest) -> Reader:
    reader: Reader = InscribedReader() if request.param == "inscribed" else request.getfixturevalue("rapid")
    return reader


async def test_lines_come_in_reading_order_with_boxes_and_scores(reader: Reader, draw: Draw, png: Png) -> None:
    reading = await reader.read(png(draw(CELLS, (700, 220)), SAYS))
    assert [line.text for line in reading.lines] == ["Invoice", "总金额", "¥10,170.00", "Date: 2026-03-14"]
    assert reading.rows == ((0,), (1, 2), (3,))
    assert reading.text == "Invoice\n总金额  ¥10,170.00\nDate: 2026-03-14"
    assert all(0.5 < line.score <= 1 for line in reading.lines)
    assert reading.lines[2].box.left > reading.lines[1].box.right
    assert reading.lines[3].box.top > reading.lines[2].box.bottom


async def test_an_empty_page_has_no_lines(reader: Reader, draw: Draw, png: Png) -> None:
    reading = await reader.read(png(draw([], (300, 200))))
    assert reading.lines == ()
    assert reading.text == ""


async def test_what_does_not_decode_is_an_invalid_upload(reader: Reader, draw: Draw, png: Png) -> None:
    data = png(draw(CELLS))
    for broken in (b"", b"hello", data[: len(data) // 2]):
        with pytest.raises(InvalidUpload):
            await reader.read(broken)


async def test_reading_twice_gives_the_same(reader: Reader, draw: Draw, png: Png) -> None:
    data = png(draw(CELLS, (700, 220)), SAYS)
    assert await reader.read(data) == await reader.read(data)


async def test_a_reader_that_is_not_started_says_so() -> None:
    with pytest.raises(ModelNotAvailable):
        await RapidReader().read(b"")


async def test_pixels_are_bounded_before_decoding(draw: Draw, png: Png) -> None:
    reader = RapidReader(pixels=10_000)
    await reader.start()
    with pytest.raises(TooLarge, match="300 x 200 pixels"):
        await reader.read(png(draw([], (300, 200))))
    await reader.stop()


@pytest.mark.parametrize("size", [(4000, 12), (12, 4000), (1, 1), (3, 40)])
async def test_slim_and_tiny_pictures_cost_little(size: tuple[int, int], rapid: RapidReader, png: Png) -> None:
    assert (await rapid.read(png(Image.new("RGB", size, "white")))).lines == ()


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "I;16"])
async def test_colour_modes(mode: str, rapid: RapidReader, draw: Draw) -> None:
    page, buffer = draw(CELLS, (700, 220)), io.BytesIO()
    (page.convert("I").point(lambda v: v * 256).convert("I;16") if mode == "I;16" else page.convert(mode)).save(
        buffer, "TIFF"
    )
    assert "10,170.00" in (await rapid.read(buffer.getvalue())).text
