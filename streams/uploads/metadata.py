"""A picture without what is told about it: camera, place, author, comments, thumbnails, and whatever follows its end.

Nothing is decoded or encoded again, so the pixels stay as they were. What is kept is listed, and all else goes: colour
profiles and the like, and which side is up, in a record of its own. The picture's structure has been checked before
(``streams.uploads.formats``). Sources: as there, and Exif 2.32.
"""

import re
import struct
import zlib
from collections.abc import Callable, Iterator

from streams.uploads.formats import gif_blocks, palette, png_chunks
from streams.uploads.tiff import orientation, oriented, rebuilt

_EXIF = b"Exif\0\0"
_JFIF = b"JFIF\0"
_JPEG_DRAWN = {0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_PNG_KEPT = frozenset(b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs sPLT hIST cICP mDCV cLLI".split())
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ICCP"})
_WEBP_EXIF = 0x08
_WEBP_TOLD = 0x0C
"""The header's bits that say there are Exif and XMP blocks."""
_JPEG_MARK = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
"""What ends a run of coded pixels: no stuffed byte and no restart."""


def strip_metadata(data: bytes, media_type: str) -> bytes:
    """The bytes of a well-formed picture, without its metadata."""
    return _STRIPPERS[media_type](data)


def _jpeg(data: bytes) -> bytes:
    kept, up = [data[:2]], 1
    for kind, whole in _segments(data):
        body = whole[4:]
        if kind == 0xE1 and body.startswith(_EXIF):
            up = orientation(body[len(_EXIF) :])
        elif kind == 0xE0 and body.startswith(_JFIF):
            kept.append(b"\xff\xe0\0\x10" + body[:12].ljust(12, b"\0") + bytes(2))  # without a thumbnail
        elif not _told(kind, body):
            kept.append(whole)
    if up != 1:
        exif = _EXIF + oriented(up)
        kept.insert(1, b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif)
    return b"".join([*kept, b"\xff\xd9"])


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment up to the end of the picture; the coded pixels belong to the scan's header before them."""
    at = 2
    while (mark := _JPEG_MARK.match(data, at)) and mark[1] != b"\xd9":
        kind, start = mark[1][0], mark.end() - 2
        at = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
        if kind == 0xDA:
            following = _JPEG_MARK.search(data, at)
            at = following.start() if following else len(data)
        yield kind, data[start:at]


def _told(kind: int, body: bytes) -> bool:
    """Whether a segment is a comment or an application's, but for a colour profile and Adobe's colour transform."""
    if kind in _JPEG_DRAWN:
        return not body.startswith(_JPEG_DRAWN[kind])
    return kind == 0xFE or 0xE0 <= kind <= 0xEF


def _png(data: bytes) -> bytes:
    kept, up = [data[:8]], 1
    for kind, body in png_chunks(data):
        if kind == b"eXIf":
            up = orientation(body)
        elif kind in _PNG_KEPT:
            kept.append(_chunk(kind, body))
    if up != 1:
        kept.insert(2, _chunk(b"eXIf", oriented(up)))
    return b"".join(kept)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _gif(data: bytes) -> bytes:
    at = 13 + palette(data[10])
    kept = [data[:at]]
    while data[at] != 0x3B:
        start = at
        drawn = data[at] == 0x2C
        at = gif_blocks(data, at + 11 + palette(data[at + 9]) if drawn else at + 2)
        if drawn or data[start + 1] == 0xF9:  # how the next picture is drawn
            kept.append(data[start:at])
    return b"".join([*kept, b"\x3b"])


def _webp(data: bytes) -> bytes:
    kept, up, at = list[tuple[bytes, bytes]](), 1, 12
    end = min(8 + int.from_bytes(data[4:8], "little"), len(data))
    while at + 8 <= end:
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if kind == b"EXIF":
            up = orientation(body.removeprefix(_EXIF))
        elif kind in _WEBP_KEPT:
            kept.append((kind, body))
        at += 8 + size + size % 2
    if kept and kept[0][0] == b"VP8X":
        flags = kept[0][1][0] & ~_WEBP_TOLD | (_WEBP_EXIF if up != 1 else 0)
        kept[0] = b"VP8X", bytes([flags]) + kept[0][1][1:]
        if up != 1:
            kept.append((b"EXIF", oriented(up)))
    riff = b"WEBP" + b"".join(_riff(kind, body) for kind, body in kept)
    return b"RIFF" + struct.pack("<I", len(riff)) + riff


def _riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _bmp(data: bytes) -> bytes:
    """Up to the last pixel. A colour profile that stood behind it is gone: its place in the header is emptied."""
    offset, header = struct.unpack_from("<II", data, 10)
    wide, high, depth = struct.unpack_from("<HH2xH" if header == 12 else "<ii2xH", data, 18)
    end = offset + (wide * depth + 31) // 32 * 4 * abs(high)
    kept = bytearray(data[:end])
    struct.pack_into("<IHHI", kept, 2, end, 0, 0, offset)
    if header >= 124:  # BITMAPV5HEADER: colours are sRGB, and there is no profile
        kept[70:74] = b"BGRs"
        struct.pack_into("<II", kept, 126, 0, 0)
    return bytes(kept)


_STRIPPERS: dict[str, Callable[[bytes], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/bmp": _bmp,
    "image/tiff": rebuilt,
}
