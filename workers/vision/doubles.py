"""Deterministic doubles: a reader of what is hidden in pixels, a matcher of digests."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workers.vision.pictures import decode
from workers.vision.port import Box, Line, Reading

if TYPE_CHECKING:
    from PIL.Image import Image

MARK = b"HR"
SIDE = 20.0


class InscribedReader:
    """A ``Reader`` of the text that ``inscribe`` hid in a picture.

    Each line of it is a row, 20 pixels high; tabs part it into cells side by side.
    """

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def read(self, image: bytes) -> Reading:
        bits = _lowest(decode(image))
        head = _bytes(bits[: 8 * len(MARK) + 32])
        if head[: len(MARK)] != MARK:
            return Reading()
        start, size = 8 * len(head), int.from_bytes(head[len(MARK) :], "big")
        return Reading(tuple(_laid_out(_bytes(bits[start : start + 8 * size]).decode())))


def inscribe(picture: "Image", text: str) -> "Image":
    """The picture with a text in the lowest bits of its pixels' red, where no eye and no other reader sees it.

    Raises:
        ValueError: it has too few pixels.
    """
    from PIL.Image import merge

    said = text.encode()
    data = MARK + len(said).to_bytes(4, "big") + said
    bits = [byte >> place & 1 for byte in data for place in range(7, -1, -1)]
    red, *others = picture.convert("RGB").split()
    pixels = bytearray(red.tobytes())
    if len(bits) > len(pixels):
        raise ValueError(f"{len(bits)} bits do not fit into {len(pixels)} pixels")
    pixels[: len(bits)] = bytes(pixel & 0xFE | bit for pixel, bit in zip(pixels, bits, strict=False))
    red.frombytes(bytes(pixels))
    return merge("RGB", (red, *others))


def _lowest(picture: "Image") -> bytes:
    return bytes(pixel & 1 for pixel in picture.getchannel("R").tobytes())


def _bytes(bits: bytes) -> bytes:
    return bytes(int("".join(map(str, bits[at : at + 8])), 2) for at in range(0, len(bits) - 7, 8))


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
