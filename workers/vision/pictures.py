"""Bytes of a checked picture to pixels: upright, the first frame, within a number of pixels."""

import io
from typing import TYPE_CHECKING

from schemas.errors import InvalidUpload, TooLarge

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
PIXELS = 40_000_000


def decode(data: bytes, pixels: int = PIXELS) -> "Image":
    """The picture in mode ``RGB``, or ``RGBA`` where parts are transparent, turned as its EXIF tag says.

    Raises ``TooLarge`` before decoding when it has more than ``pixels``, ``InvalidUpload`` when the decoder fails.
    """
    from PIL import Image, ImageOps

    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > pixels:
            raise TooLarge(f"the picture has {picture.width} x {picture.height} pixels; at most {pixels:,} are read")
        upright = ImageOps.exif_transpose(picture)
        return upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, Image.DecompressionBombError) as error:
        raise InvalidUpload(f"the picture cannot be decoded ({type(error).__name__}); send it again") from error
