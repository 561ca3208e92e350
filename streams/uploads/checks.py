"""Whether an upload is a picture that may be stored and read: its type by content, its size, its pixels, and that it is
nothing besides; and what of it is stored.

Nothing is decoded here. What a decoder finds wrong later (pixel data that does not unfold) the vision
worker answers with the same ``InvalidUpload``.
"""

import binascii
import struct
from dataclasses import dataclass, field

from infra.settings import LimitSettings
from schemas.errors import HeadraceError, InvalidUpload, TooLarge, UnsupportedType
from streams.uploads.active import active, hidden
from streams.uploads.formats import READERS, Broken, Shape, sniff
from streams.uploads.metadata import strip_metadata

ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-png": "image/png",
    "image/x-bmp": "image/bmp",
    "image/x-ms-bmp": "image/bmp",
    "image/tif": "image/tiff",
}
EXTENSIONS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
}
UNDECLARED = ("", "application/octet-stream", "binary/octet-stream")
READ_HERE = ", ".join(media_type.removeprefix("image/") for media_type in READERS)
SIDE = 65_535
RATIO = 1_000
FREE_BYTES = 16 * 2**20
"""Up to so many unfolded bytes (3 a pixel) any compression ratio is fine; above, at most ``RATIO``."""


@dataclass(frozen=True)
class Checked:
    """A picture that may be stored: its type by content, its width and height in pixels, its bytes without metadata."""

    media_type: str
    width: int
    height: int
    data: bytes = field(default=b"", repr=False, compare=False)


def check_image(data: bytes, declared: str | None, name: str, limits: LimitSettings) -> Checked:
    """The facts of a picture.

    ``declared`` is what the sender says it is, ``name`` the file's name, for the message only. Raises
    ``TooLarge`` (bytes, pixels or compression ratio over the limits), ``UnsupportedType`` (not a picture that
    is read here) and ``InvalidUpload`` (empty, cut off, corrupt, moving, not what it is said to be, or with code or
    another file in it).
    """
    label = _label(name)
    if not data:
        raise InvalidUpload(f"{label} is empty; send the file's bytes")
    if len(data) > limits.upload_bytes:
        raise TooLarge(f"{label} has {len(data):,} bytes; at most {limits.upload_bytes:,} are taken")
    media_type = _agreed_type(data, declared, name, label)
    shape = _shape(data, media_type, label, limits)
    return Checked(media_type, shape.width, shape.height, _harmless(data, media_type, label))


def without_metadata(data: bytes, declared: str | None, name: str, limits: LimitSettings) -> bytes:
    """The bytes as they are stored; as they came when they are no picture that may be: who reads them refuses them."""
    try:
        return check_image(data, declared, name, limits).data
    except HeadraceError:
        return data


def _label(name: str) -> str:
    shown = "".join(char for char in name[:80] if char.isprintable())
    return f"'{shown}'" if shown else "the upload"


def _agreed_type(data: bytes, declared: str | None, name: str, label: str) -> str:
    """The type by content, when it is one that is read here and the one that was declared."""
    content = sniff(data)
    said = (declared or "").partition(";")[0].strip().lower()
    said = ALIASES.get(said, said)
    if said in UNDECLARED:
        said = content if content in READERS else EXTENSIONS.get(name.rpartition(".")[2].lower(), content)
    if content != said and (content in READERS or said in READERS):
        raise InvalidUpload(f"{label} is said to be {said[:80]}, but its content is {content}; send what it says it is")
    if found := active(data, content):
        raise InvalidUpload(f"{label} is {content} with {found} in it, which is not taken in any form")
    if content not in READERS:
        raise UnsupportedType(f"{label} is {content}, which is not read here; send one of {READ_HERE}")
    return content


def _shape(data: bytes, media_type: str, label: str, limits: LimitSettings) -> Shape:
    shape = None
    try:
        for shape in READERS[media_type](data):
            _bound(shape, len(data), label, limits)
    except Broken as error:
        raise InvalidUpload(f"{label} is a damaged {media_type}: {error}; send it again") from None
    if shape is None:
        raise InvalidUpload(f"{label} is a damaged {media_type}: it has no picture; send it again")
    return shape


def _harmless(data: bytes, media_type: str, label: str) -> bytes:
    """The picture without its metadata, when nothing else hides in it."""
    try:
        kept = strip_metadata(data, media_type)
    except (struct.error, IndexError, Broken) as error:
        raise InvalidUpload(f"{label} is a damaged {media_type}: {error}; send it again") from None
    if found := hidden(data):
        raise InvalidUpload(f"{label} is a {media_type} with {found} in it; save it anew as a plain picture")
    return kept


def _bound(shape: Shape, size: int, label: str, limits: LimitSettings) -> None:
    if shape.frames > 1:
        raise InvalidUpload(f"{label} has more than one frame or page; send one still picture for each")
    if shape.width < 1 or shape.height < 1:
        raise InvalidUpload(f"{label} is {shape.width} x {shape.height} pixels; send a picture with content")
    pixels = shape.width * shape.height
    if pixels > limits.image_pixels or max(shape.width, shape.height) > SIDE:
        raise TooLarge(
            f"{label} has {shape.width:,} x {shape.height:,} = {pixels:,} pixels; "
            f"at most {limits.image_pixels:,} are taken, and {SIDE:,} a side: scale it down"
        )
    if 3 * pixels > max(FREE_BYTES, RATIO * size):
        raise TooLarge(
            f"{label} would unfold from {size:,} bytes to {3 * pixels:,}, over {RATIO:,} times: scale it down"
        )


def decode_base64(text: str, limit: int) -> bytes:
    """The bytes of RFC 4648 base64 without line breaks.

    Raises ``TooLarge`` before decoding when more than ``limit`` bytes would come out, ``InvalidUpload``
    when it is not base64.
    """
    if len(text) * 3 // 4 - text[-2:].count("=") > limit:
        raise TooLarge(f"the data has more than {limit:,} bytes; upload it to the object store and send a reference")
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise InvalidUpload("the data is not valid base64 (RFC 4648, with padding, without line breaks)") from None


def decode_data_url(url: str, limit: int) -> tuple[bytes, str]:
    """The bytes and the media type of a ``data:`` URL (RFC 2397) in base64; raises as ``decode_base64``."""
    head, comma, _ = url[:256].partition(",")
    scheme, _, description = head.partition(":")
    media_type, *parameters = description.split(";")
    if not comma or scheme.lower() != "data" or "base64" not in (part.strip().lower() for part in parameters):
        raise InvalidUpload("the image is no data URL in base64; write 'data:image/png;base64,...'")
    return decode_base64(url[len(head) + 1 :], limit), media_type.strip().lower() or "text/plain"
