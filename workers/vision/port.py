"""What seeing is: a picture in, the lines of text in it out; pictures and texts in, vectors and scores out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Box(NamedTuple):
    """Where a line stands, in units of the page as it reads: turned upright, the origin top left,
    pixels of the picture as the reader scaled it."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Line:
    """A run of text; ``score`` from 0 to 1 is how sure the reader is of it."""

    text: str
    box: Box
    score: float = 1.0


@dataclass(frozen=True)
class Reading:
    """All that was read, in reading order: row by row, each from left to right. Untrusted."""

    lines: tuple[Line, ...] = ()

    @property
    def text(self) -> str:
        """One line of text for each row of the page, its parts two spaces apart."""
        return "\n".join("  ".join(self.lines[index].text for index in row) for row in self.rows)

    @property
    def rows(self) -> tuple[tuple[int, ...], ...]:
        """The indexes of the lines that stand side by side, row by row from the top."""
        rows: list[list[int]] = []
        for index in sorted(range(len(self.lines)), key=lambda i: self.lines[i].box.middle):
            box = self.lines[index].box
            if rows and _beside(self.lines[rows[-1][0]].box, box):
                rows[-1].append(index)
            else:
                rows.append([index])
        return tuple(tuple(sorted(row, key=lambda i: self.lines[i].box.left)) for row in rows)


def _beside(first: Box, other: Box) -> bool:
    return abs(first.middle - other.middle) < min(first.height, other.height) / 2


class Reader(Protocol):
    """Reads text in a picture. ``read`` takes the bytes of a checked image and raises ``InvalidUpload``
    (it does not decode), ``TooLarge``, ``ModelNotAvailable`` or ``InternalError``."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def read(self, image: bytes) -> Reading: ...


class Matcher(Protocol):
    """Compares pictures with texts. Vectors are L2-normalised and of one length for both; ``match`` gives one
    score a label, which add up to 1. Raises ``InvalidUpload``, ``TooLarge``, ``InvalidField``, ``ModelNotAvailable``.
    """

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def embed_images(self, images: Sequence[bytes]) -> list[list[float]]: ...

    async def embed_texts(self, texts: Sequence[str]) -> list[list[float]]: ...

    async def match(self, image: bytes, labels: Sequence[str]) -> tuple[float, ...]: ...


class Watcher(Protocol):
    """Looks at what a picture shows. ``look`` gives a score from 0 to 1 for each entity of the policy's vocabulary that
    it knows; raises ``InvalidUpload`` (it does not decode), ``TooLarge``, ``ModelNotAvailable``."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def look(self, image: bytes) -> dict[str, float]: ...
