"""Pages drawn with a Chinese font, whose wheel is never imported and whose digest is checked."""

import hashlib
import importlib.util
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

NOTO_SANS_SC = "faa6c9df652116dde789d351359f3d7e5d2285a2b2a1f04a2d7244df706d5ea9"


def font_file() -> Path:
    """Noto Sans SC (OFL-1.1)."""
    spec = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    assert spec is not None, "the dev extra brings the font: pip install headrace[dev]"
    path = Path(next(iter(spec.submodule_search_locations or ()))) / "NotoSansSC-Regular.otf"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == NOTO_SANS_SC
    return path


def drawn(rows: Sequence[str], width: int = 820) -> bytes:
    """The rows as lines of a white page, as PNG."""
    page = Image.new("RGB", (width, 60 * len(rows) + 40), "white")
    pen, face = ImageDraw.Draw(page), ImageFont.truetype(str(font_file()), 24)
    for number, row in enumerate(rows):
        pen.text((40, 30 + 60 * number), row, font=face, fill="black")
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return buffer.getvalue()
