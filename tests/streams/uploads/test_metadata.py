"""What is told about a picture goes; its pixels, colours and which side is up stay."""

import io
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps, PngImagePlugin

from infra.settings import LimitSettings
from schemas.errors import HeadraceError
from streams.uploads.checks import check_image

TOLD = "Ann's camera at 48.2 N 16.3 E"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def noise(size: tuple[int, int] = (31, 17)) -> Image.Image:
    return Image.frombytes("RGB", size, random.Random(1).randbytes(3 * size[0] * size[1]))


def exif(up: int) -> Image.Exif:
    told = Image.Exif()
    told[274], told[271], told[315] = up, TOLD, TOLD
    told.get_ifd(34853)[1] = "N"
    told.get_ifd(34665)[37510] = TOLD.encode()
    return told


def text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", TOLD)
    info.add_itxt("Place", TOLD)
    return info


def saved(form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    noise().save(buffer, form, **options)
    return buffer.getvalue()


def upright(picture: Image.Image) -> bytes:
    return ImageOps.exif_transpose(picture).convert("RGB").tobytes()


CASES = [
    ("JPEG", {"exif": exif(1), "comment": TOLD, "icc_profile": PROFILE}),
    ("JPEG", {"exif": exif(6), "progressive": True, "xmp": TOLD.encode()}),
    ("PNG", {"exif": exif(8), "pnginfo": text(), "icc_profile": PROFILE}),
    ("WEBP", {"exif": exif(3), "xmp": TOLD.encode(), "lossless": True, "icc_profile": PROFILE}),
    ("WEBP", {"quality": 80}),  # without a header that could tell anything
    ("GIF", {"comment": TOLD.encode()}),
    ("TIFF", {"exif": exif(6), "description": TOLD, "icc_profile": PROFILE}),
    ("TIFF", {"compression": "tiff_lzw", "artist": TOLD}),
    ("TIFF", {"compression": "jpeg", "artist": TOLD}),
    ("BMP", {}),
]


@pytest.mark.parametrize(("form", "options"), CASES)
def test_what_is_told_goes_and_the_picture_stays(form: str, options: dict[str, Any]) -> None:
    data = saved(form, **options)
    kept = check_image(data, None, "photo", LimitSettings()).data
    before, after = (Image.open(io.BytesIO(each)) for each in (data, kept))
    assert (
        ImageOps.exif_transpose(after).convert("RGB").tobytes()
        == ImageOps.exif_transpose(before).convert("RGB").tobytes()
    )
    assert after.info.get("icc_profile") == before.info.get("icc_profile")
    for each in (TOLD.encode(), TOLD.encode("utf-16-le")):
        assert each not in kept
    assert set(after.getexif()) <= {274} or form == "TIFF"
    assert not after.getexif().get_ifd(34853)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP"])
def test_what_follows_the_end_goes(form: str) -> None:
    assert b"behind" not in check_image(saved(form) + b"what stands behind", None, "photo", LimitSettings()).data


@pytest.mark.parametrize(("form", "options"), CASES)
def test_what_was_stripped_is_stripped(form: str, options: dict[str, Any]) -> None:
    once = check_image(saved(form, **options), None, "photo", LimitSettings()).data
    assert check_image(once, None, "photo", LimitSettings()).data == once


def answered(data: bytes) -> int:
    try:
        check_image(data, None, "photo", LimitSettings())
    except HeadraceError as error:
        return error.http_status
    return 200


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CASES), st.data())
def test_damage_anywhere_is_an_answer(case: tuple[str, dict[str, Any]], draw: st.DataObject) -> None:
    data = bytearray(saved(case[0], **case[1]))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, min(len(data), 600) - 1))] = draw.draw(st.integers(0, 255))
    cut = draw.draw(st.integers(1, len(data)))
    assert answered(bytes(data[:cut])) < 500
