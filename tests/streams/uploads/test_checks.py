import base64
import contextlib
import io
import os
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from infra.settings import LimitSettings
from schemas.errors import HeadraceError, InvalidUpload, TooLarge, UnsupportedType
from streams.uploads.checks import Checked, check_image, decode_base64, decode_data_url

LIMITS = LimitSettings()
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


def picture(form: str = "PNG", size: tuple[int, int] = (37, 23), mode: str = "RGB", **options: Any) -> bytes:
    buffer = io.BytesIO()
    noise = Image.frombytes("L", size, os.urandom(size[0] * size[1])).convert(mode)
    noise.save(buffer, form, **options)
    return buffer.getvalue()


def moving(form: str) -> bytes:
    buffer = io.BytesIO()
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue", "green")]
    frames[0].save(buffer, form, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (header, *chunks)
    )
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("mode", ["RGB", "L", "1"])
def test_every_format_is_known_by_its_content_with_its_size(form: str, mode: str) -> None:
    checked = check_image(picture(form, mode=mode), None, "photo", LIMITS)
    assert checked == Checked(f"image/{form.lower()}", 37, 23)


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {"progressive": True}),  # several scans
        ("JPEG", {"exif": b"Exif\0\0" + bytes(40)}),  # a segment before the header
        ("WEBP", {"lossless": True}),  # VP8L
        ("WEBP", {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}),  # VP8X
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_variants_of_the_formats(form: str, options: dict[str, Any]) -> None:
    assert check_image(picture(form, **options), None, "", LIMITS).width == 37


@pytest.mark.parametrize(
    ("declared", "name"),
    [
        ("image/png", "x.png"),
        ("IMAGE/PNG; charset=binary", "x"),  # case and parameters do not matter
        ("image/x-png", "x"),  # an old name
        ("application/octet-stream", "x"),  # says nothing
        ("", "x"),
        (None, "x.jpg"),  # a name is no declaration as long as it is a picture
    ],
)
def test_declarations_that_fit(declared: str | None, name: str) -> None:
    assert check_image(picture(), declared, name, LIMITS).media_type == "image/png"


PDF, ZIP, SVG = b"%PDF-1.7\n", b"PK\x03\x04" + bytes(30), b"<?xml version='1.0'?><svg xmlns='x'/>"


@pytest.mark.parametrize(
    ("data", "declared", "name", "error", "says"),
    [
        (b"", "image/png", "x.png", InvalidUpload, "'x.png' is empty"),
        (b"hello, world", None, "note.png", InvalidUpload, "content is text/plain"),  # by its name
        ("中文说明".encode(), "image/png", "x", InvalidUpload, "content is text/plain"),  # by its declaration
        ("中文说明".encode("utf-16"), "image/png", "x", InvalidUpload, "text/plain"),
        (b"<!DOCTYPE html><svg>", "image/png", "x", InvalidUpload, "text/html"),
        (PDF, "image/jpeg", "x", InvalidUpload, "application/pdf"),
        (picture("JPEG"), "image/png", "x.png", InvalidUpload, "said to be image/png, but its content is image/jpeg"),
        (picture(), "application/pdf", "x.pdf", InvalidUpload, "said to be application/pdf"),
        (b"\x89PN", "image/png", "x", InvalidUpload, "octet-stream"),  # too short to be anything
        (b"hello", "text/plain", "x.txt", UnsupportedType, "text/plain, which is not read here"),
        (SVG, "image/svg+xml", "x.svg", UnsupportedType, "image/svg+xml"),
        (SVG, None, "x", UnsupportedType, "image/svg+xml"),
        (PDF, None, "x.pdf", UnsupportedType, "send one of png, jpeg"),
        (ZIP, "application/zip", "x.zip", UnsupportedType, "application/zip"),
        (b"\0\0\0\x1cftypheic", None, "x.heic", UnsupportedType, "image/heic"),
        (b"II+\0" + bytes(20), None, "x", UnsupportedType, "bigtiff"),
        (bytes(64), None, "x", UnsupportedType, "octet-stream"),
        (moving("GIF"), None, "x", InvalidUpload, "more than one frame"),
        (moving("PNG"), None, "x", InvalidUpload, "more than one frame"),
        (moving("WEBP"), None, "x", InvalidUpload, "more than one frame"),
        (moving("TIFF"), None, "x", InvalidUpload, "more than one frame"),
        (png(0, 5, (b"IEND", b"")), None, "x", InvalidUpload, "0 x 5 pixels"),
        (png(5, 5, (b"IEND", b"")), None, "x", InvalidUpload, "no pixels"),
        (png(5, 5, (b"IDAT", b"")), None, "x", InvalidUpload, "middle of its header"),  # no end
        (picture().replace(b"IDAT", b"IDAX"), None, "x", InvalidUpload, "checksum"),
        (b"GIF89a" + bytes(7) + b";", None, "x", InvalidUpload, "no picture"),
        (picture("JPEG")[:-2] + b"\xff\xda" * 70 + b"\xff\xd9", None, "x", InvalidUpload, "64 scans"),
        (picture(), None, "evil\n\x1b[31m" + "x" * 200, None, ""),  # a name is never in the way
    ],
)
def test_what_is_refused_says_why(
    data: bytes, declared: str | None, name: str, error: type[HeadraceError] | None, says: str
) -> None:
    if error is None:
        check_image(data, declared, name, LIMITS)
        return
    with pytest.raises(error) as caught:
        check_image(data, declared, name, LIMITS)
    assert says in caught.value.message


def test_names_are_shown_short_and_printable() -> None:
    with pytest.raises(InvalidUpload) as caught:
        check_image(b"", None, "发票\n\x1b[31m" + "x" * 500, LIMITS)
    assert caught.value.message.startswith("'发票[31mxxx")
    assert len(caught.value.message) < 150


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("part", [0.3, 0.7, 0.95])
def test_a_picture_cut_off_is_refused(form: str, part: float) -> None:
    data = picture(form, (64, 64))
    with pytest.raises(InvalidUpload):
        check_image(data[: int(len(data) * part)], f"image/{form.lower()}", "x", LIMITS)


@pytest.mark.parametrize(
    "data",
    [
        png(30_000, 30_000),  # nothing follows the header: it is refused from that alone
        png(30_000, 30_000, (b"IDAT", zlib.compress(bytes(10**6))), (b"IEND", b"")),
        png(2**31 - 1, 1),
        picture("BMP")[:18] + struct.pack("<ii", 30_000, -30_000) + picture("BMP")[26:],
        b"GIF89a" + bytes(7) + b"," + struct.pack("<HHHHB", 0, 0, 60_000, 60_000, 0),
    ],
)
def test_a_picture_of_too_many_pixels_is_refused_from_its_header(data: bytes) -> None:
    with pytest.raises(TooLarge) as caught:
        check_image(data, None, "big", LIMITS)
    assert "pixels; at most 40,000,000 are taken" in caught.value.message


def test_bytes_and_compression_ratio_are_bounded() -> None:
    with pytest.raises(TooLarge, match=r"at most 1,024 are taken"):
        check_image(picture("BMP", (64, 64)), None, "x", LimitSettings(upload_bytes=1024))
    blank = io.BytesIO()
    Image.new("RGB", (6000, 6000)).save(blank, "WEBP", lossless=True)
    with pytest.raises(TooLarge, match=r"would unfold from [\d,]+ bytes to 108,000,000"):
        check_image(blank.getvalue(), None, "x", LIMITS)
    page = io.BytesIO()
    Image.new("RGB", (2000, 2600), "white").save(page, "PNG")
    assert check_image(page.getvalue(), None, "x", LIMITS).height == 2600  # an empty page is no bomb


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FORMATS), st.data())
def test_damage_never_raises_anything_else(form: str, data: st.DataObject) -> None:
    good = bytearray(SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 8))):
        good[data.draw(st.integers(0, min(len(good), 200) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(InvalidUpload, TooLarge, UnsupportedType):
        check_image(bytes(good), None, "x", LIMITS)


SAMPLES = {form: picture(form, (16, 16)) for form in FORMATS}


@pytest.mark.parametrize(
    ("text", "limit", "outcome"),
    [
        ("aGVsbG8=", 5, b"hello"),
        ("aGVsbG8=", 4, TooLarge),
        ("A" * 4000 + "!", 10, TooLarge),  # the length is enough to know
        ("aGVsbG8", 99, InvalidUpload),  # no padding
        ("aGVs\nbG8=", 99, InvalidUpload),  # a line break
        ("aGV-bG8_", 99, InvalidUpload),  # the URL alphabet
        ("aGVsbG8=aGVs", 99, InvalidUpload),  # something after the end
        ("中文", 99, InvalidUpload),
        ("", 99, b""),
    ],
)
def test_base64_is_strict(text: str, limit: int, outcome: bytes | type[HeadraceError]) -> None:
    if isinstance(outcome, bytes):
        assert decode_base64(text, limit) == outcome
        return
    with pytest.raises(outcome):
        decode_base64(text, limit)


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("data:image/png;base64,aGVsbG8=", "image/png"),
        ("DATA:Image/PNG;name=a.png;base64,aGVsbG8=", "image/png"),  # case and parameters
        ("data:;base64,aGVsbG8=", "text/plain"),  # RFC 2397: the default
        ("data:image/png,aGVsbG8=", InvalidUpload),  # not base64
        ("https://example.com/x.png", InvalidUpload),
        ("data:image/png;base64", InvalidUpload),  # no comma
        ("data:" + "x" * 300 + ";base64,aGVsbG8=", InvalidUpload),  # a header without end
        ("data:image/png;base64," + base64.b64encode(bytes(100)).decode(), TooLarge),
    ],
)
def test_data_urls(url: str, outcome: str | type[HeadraceError]) -> None:
    if isinstance(outcome, str):
        assert decode_data_url(url, 64) == (b"hello", outcome)
        return
    with pytest.raises(outcome):
        decode_data_url(url, 64)
