"""Whether an answer gives away the system prompt it was made under: a long run of it, word for word.

Runs are told by the hashes of their pieces, so the time is linear in both texts; cases, spaces and signs do not count.
Lengths are in bytes of UTF-8, by which a Chinese character says as much as three letters.
"""

from collections.abc import Iterator

from schemas.screening import Finding

PIECE = 24
"""What two texts share by chance only where they quote the same thing."""
SHORTEST = 40
"""A shorter run may be a phrase that anybody says; of a shorter prompt, all but a tenth."""


def leaks(answer: str, system: str) -> list[Finding]:
    """The runs of ``answer`` that stand in ``system``."""
    prompt, _ = _plain(system)
    needed = min(SHORTEST, max(len(prompt) * 9 // 10, PIECE))
    pieces = {prompt[place : place + PIECE] for place in range(len(prompt) - PIECE + 1)}
    text, places = _plain(answer)
    return [
        Finding(
            category="injection",
            entity="PROMPT_LEAK",
            start=places[start],
            end=places[end - 1] + 1,
            score=min(0.99, 0.8 + (end - start) / 1000),
            detector="leak",
        )
        for start, end in _runs(text, pieces)
        if end - start >= needed
    ]


def _runs(text: bytes, pieces: set[bytes]) -> Iterator[tuple[int, int]]:
    """The longest stretches of which every piece is one of ``pieces``."""
    start = end = -1
    for place in range(len(text) - PIECE + 1):
        if text[place : place + PIECE] not in pieces:
            continue
        if place > end - PIECE + 1:
            if end > 0:
                yield start, end
            start = place
        end = place + PIECE
    if end > 0:
        yield start, end


def _plain(text: str) -> tuple[bytes, list[int]]:
    """Letters and digits in small, and where the character of each byte stands."""
    kept = [
        (character.lower().encode(errors="replace"), place)
        for place, character in enumerate(text)
        if character.isalnum()
    ]
    return b"".join(form for form, _ in kept), [place for form, place in kept for _ in form]
