"""Deterministic doubles: a reader of what a PNG says of itself, a matcher of digests."""

import hashlib
import math
import struct
from collections.abc import Iterator, Sequence

from schemas.errors import InvalidUpload
from workers.vision.port import Box, Line, Reading

KEYWORD = b"Description"
SIDE = 20.0


class InscribedReader:
    """A ``Reader`` of the ``Description`` that stands as international text (``iTXt``) in a PNG.

    Each line of it is a row, 20 pixels high; tabs part it into cells side by side.
    """

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def read(self, image: bytes) -> Reading:
        if not image.startswith(b"\x89PNG\r\n\x1a\n") or not image.rstrip(b"\0").endswith(b"IEND\xaeB`\x82"):
            raise InvalidUpload("the picture cannot be decoded; send a whole PNG")
        return Reading(tuple(_laid_out("\n".join(_descriptions(image)))))


def _descriptions(png: bytes) -> Iterator[str]:
    at = 8
    while at + 12 <= len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"iTXt" and body.startswith(KEYWORD + b"\0\0\0"):
            yield body.split(b"\0", 5)[5].decode()
        at += 12 + length


def _laid_out(text: str) -> Iterator[Line]:
    for row, line in enumerate(text.splitlines()):
        left = 0.0
        for cell in line.split("\t"):
            right = left + SIDE * len(cell)
            if cell.strip():
                yield Line(cell.strip(), Box(left, 2 * SIDE * row, right, 2 * SIDE * row + SIDE))
            left = right + 2 * SIDE


class DigestMatcher:
    """A ``Matcher`` whose vectors are the 32 bytes of a SHA-256, normalised."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def embed_images(self, images: Sequence[bytes]) -> list[list[float]]:
        return [_vector(image) for image in images]

    async def embed_texts(self, texts: Sequence[str]) -> list[list[float]]:
        return [_vector(text.encode()) for text in texts]

    async def match(self, image: bytes, labels: Sequence[str]) -> tuple[float, ...]:
        seen = _vector(image)
        weights = [
            math.exp(sum(a * b for a, b in zip(seen, vector, strict=True))) for vector in await self.embed_texts(labels)
        ]
        return tuple(weight / sum(weights) for weight in weights)


def _vector(data: bytes) -> list[float]:
    raw = [byte - 127.5 for byte in hashlib.sha256(data).digest()]
    length = math.hypot(*raw)
    return [value / length for value in raw]
