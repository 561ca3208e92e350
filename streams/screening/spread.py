"""Values spread over several messages: what the end of one and the beginning of the next say together."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from streams.screening.detector import Hit

NEAR = 120
"""So many characters on each side of where a message ends and the next begins are read together."""
_APART = "\n" * 8


class _Piece(NamedTuple):
    start: int
    end: int
    message: int
    place: int


def spread(texts: Sequence[str], find: Callable[[str], Sequence[Hit]]) -> list[list[Hit]]:
    """For each message its part of what is found over the ends of messages."""
    parts: list[list[Hit]] = [[] for _ in texts]
    if len(texts) < 2:
        return parts
    together, pieces = _joined(texts)
    for hit in find(together):
        inside = [piece for piece in pieces if piece.start < hit.end and hit.start < piece.end]
        if any(left.message != right.message for left, right in pairwise(inside)):
            for piece in inside:
                start, end = max(hit.start, piece.start), min(hit.end, piece.end)
                shift = piece.place - piece.start
                parts[piece.message].append(hit._replace(start=start + shift, end=end + shift, lead=0))
    return parts


def _joined(texts: Sequence[str]) -> tuple[str, list[_Piece]]:
    """The messages a line each, long ones without their middles, and where each piece is from."""
    said, pieces, length = list[str](), list[_Piece](), 0
    for message, place, text, gap in _pieces(texts):
        pieces.append(_Piece(length, length + len(text), message, place))
        said += [text, gap]
        length += len(text) + len(gap)
    return "".join(said), pieces


def _pieces(texts: Sequence[str]) -> Iterator[tuple[int, int, str, str]]:
    for message, text in enumerate(texts):
        if len(text) <= 2 * NEAR:
            yield message, 0, text, "\n"
        else:
            yield message, 0, text[:NEAR], _APART
            yield message, len(text) - NEAR, text[-NEAR:], "\n"
