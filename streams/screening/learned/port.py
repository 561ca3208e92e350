"""What a learned detector is: judges segments of a text, and names the artefact that it judges by."""

from collections.abc import Sequence
from typing import Protocol

from streams.screening.detector import Hit


class Classifier(Protocol):
    """Finds what no pattern says. ``version`` is that of its artefact, and part of every verdict.

    A hit spans a whole segment (``streams.screening.learned.segments``), so that a stream finds what the whole text
    would have had found.
    """

    @property
    def name(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def entities(self) -> frozenset[str]:
        """What it can find."""
        ...

    def find(self, segments: Sequence[tuple[int, str]]) -> list[Hit]:
        """The hits in segments, each given with its place in the text; a score is a probability."""
        ...
