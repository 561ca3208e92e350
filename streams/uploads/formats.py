"""What the bytes of a file are, and the structure of the six picture formats that are read.

Headers and block lists only: nothing is decoded, so a picture that would unfold to gigabytes costs no more
than its bytes. Sources: PNG 3 (W3C), ITU-T T.81 annex B, GIF89a, RFC 9649 (WebP), TIFF 6.0, Microsoft's
bitmap structures. Each reader yields the shape as soon as the header tells it, so that a bomb can be refused
there, and again when more is known; it raises ``Broken`` when its format's rules do not hold.
"""

import codecs
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MAX_BLOCKS = 100_000


class Broken(ValueError):
    """The structure does not hold; the message says where."""


@dataclass(frozen=True)
class Shape:
    """Width and height in pixels; frames or pages seen so far."""

    width: int
    height: int
    frames: int = 1


_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"II+\0", "image/x-bigtiff"),
    (0, b"MM\0+", "image/x-bigtiff"),
    (0, b"BM", "image/bmp"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\0\0\x01\0", "image/vnd.microsoft.icon"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-elf"),
)


def sniff(data: bytes) -> str:
    """The media type that the content itself shows; ``application/octet-stream`` when it shows none."""
    for at, mark, media_type in _SIGNATURES:
        if data.startswith(mark, at) and (at != 8 or data.startswith(b"RIFF")):
            return media_type
    return _text_type(data)


def _text_type(data: bytes) -> str:
    head = data[:4096]
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=len(data) <= len(head))
    except UnicodeDecodeError:
        return "application/octet-stream"
    if any(char < " " and char not in "\t\r\n\f\x1b" for char in text):
        return "application/octet-stream"
    start = text.lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype html", "<html")):
        return "text/html"
    return "image/svg+xml" if start.startswith("<") and "<svg" in start else "text/plain"


def _unpack(form: str, data: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(form, data, at)
    except struct.error:
        raise Broken("it ends in the middle of its header") from None


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The blocks of a PNG up to its end, each with its name."""
    at = 8
    for _ in range(MAX_BLOCKS):
        (length,) = _unpack(">I", data, at)
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        (crc,) = _unpack(">I", data, at + 8 + length)
        if zlib.crc32(kind + body) != crc:
            raise Broken(f"the checksum of its {kind!r} block does not fit")
        yield kind, body
        if kind == b"IEND":
            return
        at += 12 + length
    raise Broken("it has too many blocks")


def _png(data: bytes) -> Iterator[Shape]:
    chunks = png_chunks(data)
    kind, header = next(chunks)
    if kind != b"IHDR" or len(header) != 13:
        raise Broken("its first block is no header")
    width, height = _unpack(">II", header, 0)
    yield Shape(width, height)
    frames, pixels = 1, False
    for kind, body in chunks:
        pixels = pixels or kind == b"IDAT"
        if kind == b"acTL":
            frames = max(frames, _unpack(">I", body, 0)[0])
    if not pixels:
        raise Broken("it has no pixels")
    yield Shape(width, height, frames)


_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_SCANS = 64


def _jpeg(data: bytes) -> Iterator[Shape]:
    """Segments up to the first scan; more than 64 scans is a bomb for the decoder's time."""
    at = 2
    for _ in range(MAX_BLOCKS):
        mark, kind = _unpack("BB", data, at)
        if mark != 0xFF:
            raise Broken("its segments are out of step")
        if kind == 0xDA:
            break
        if kind in _JPEG_FRAMES:
            height, width = _unpack(">HH", data, at + 5)
            yield Shape(width, height)
        at += 1 if kind == 0xFF else 2 + _unpack(">H", data, at + 2)[0]
    if not data.count(b"\xff\xd9", at):
        raise Broken("it ends before its last pixels")
    if data.count(b"\xff\xda", at) > _JPEG_SCANS:
        raise Broken(f"it has more than {_JPEG_SCANS} scans")


def _gif(data: bytes) -> Iterator[Shape]:
    width, height, flags = _unpack("<HHB", data, 6)
    at = 13 + palette(flags)
    frames = 0
    for _ in range(MAX_BLOCKS):
        (kind,) = _unpack("B", data, at)
        if kind == 0x3B:
            return
        if kind == 0x2C:
            left, top, wide, high, flags = _unpack("<HHHHB", data, at + 1)
            width, height, frames = max(width, left + wide), max(height, top + high), frames + 1
            yield Shape(width, height, frames)
            at = gif_blocks(data, at + 11 + palette(flags))
        elif kind == 0x21:
            at = gif_blocks(data, at + 2)
        else:
            raise Broken("its blocks are out of step")
    raise Broken("it has too many blocks")


def palette(flags: int) -> int:
    """Bytes of a GIF's colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def gif_blocks(data: bytes, at: int) -> int:
    """Where the run of a GIF's blocks that begins here ends."""
    try:
        while data[at]:
            at += data[at] + 1
    except IndexError:
        raise Broken("it ends before its last pixels") from None
    return at + 1


def _webp(data: bytes) -> Iterator[Shape]:
    kind = data[12:16]
    if _unpack("<I", data, 4)[0] + 8 > len(data) + 1:
        raise Broken("it is shorter than its header says")
    if kind == b"VP8X":
        flags, *size = _unpack("<B3x6B", data, 20)
        wide, high = int.from_bytes(bytes(size[:3]), "little") + 1, int.from_bytes(bytes(size[3:]), "little") + 1
        yield Shape(wide, high, 2 if flags & 2 else 1)
    elif kind == b"VP8L":
        (bits,) = _unpack("<I", data, 21)
        yield Shape((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    elif kind == b"VP8 ":
        wide, high = _unpack("<HH", data, 26)
        yield Shape(wide & 0x3FFF, high & 0x3FFF)


def _bmp(data: bytes) -> Iterator[Shape]:
    offset, header = _unpack("<II", data, 10)
    if header == 12:
        wide, high, _, depth = _unpack("<HHHH", data, 18)
        compression = 0
    else:
        wide, high, _, depth, compression = _unpack("<iiHHI", data, 18)
    if compression not in (0, 3):
        raise Broken("its compression is not read here")
    yield Shape(wide, abs(high))
    if offset + (wide * depth + 31) // 32 * 4 * abs(high) > len(data):
        raise Broken("it ends before its last pixels")


_TIFF_TYPES = {3: "H", 4: "I"}
_TIFF_TAGS = (256, 257, 273, 279, 324, 325)


def _tiff(data: bytes) -> Iterator[Shape]:
    order = "<" if data[:1] == b"I" else ">"
    (at,) = _unpack(order + "I", data, 4)
    (count,) = _unpack(order + "H", data, at)
    tags: dict[int, tuple[int, ...]] = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, number = _unpack(order + "HHI", data, entry)
        if tag in _TIFF_TAGS and tag not in tags:
            tags[tag] = _tiff_values(order, data, entry + 8, kind, number)
    (following,) = _unpack(order + "I", data, at + 2 + 12 * count)
    wide, high = (next(iter(tags.get(tag, ())), 0) for tag in (256, 257))
    yield Shape(wide, high, 2 if following else 1)
    starts, sizes = tags.get(273) or tags.get(324) or (), tags.get(279) or tags.get(325) or ()
    if not starts or any(start + size > len(data) for start, size in zip(starts, sizes, strict=False)):
        raise Broken("it ends before its last pixels")


def _tiff_values(order: str, data: bytes, at: int, kind: int, number: int) -> tuple[int, ...]:
    if kind not in _TIFF_TYPES or number > MAX_BLOCKS:
        return ()
    form = f"{order}{number}{_TIFF_TYPES[kind]}"
    if struct.calcsize(form) > 4:
        (at,) = _unpack(order + "I", data, at)
    return _unpack(form, data, at)


READERS: dict[str, Callable[[bytes], Iterator[Shape]]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/webp": _webp,
    "image/gif": _gif,
    "image/bmp": _bmp,
    "image/tiff": _tiff,
}
