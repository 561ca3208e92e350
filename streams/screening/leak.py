"""Whether an answer gives away the system prompt it was made under: a long run of it, word for word.

Runs are told by the hashes of their pieces, so the time is linear in both texts; cases, spaces and signs do not count.
Lengths are in bytes of UTF-8, by which a Chinese character says as much as three letters.
"""

from collections.abc import Iterator

import re2

from streams.screening.detector import Hit

PIECE = 24
"""What two texts share by chance only where they quote the same thing."""
SHORTEST = 40
"""A shorter run may be a phrase that anybody says; of a shorter prompt, all but a tenth."""
MOST = 100_000
"""Characters of a system prompt that are looked for."""

_CANARY = re2.compile(r"canary-[A-Za-z0-9]{12,64}")
"""A token that an operator puts into a system prompt, to know it again wherever it comes out."""


def at_stake(system: str) -> tuple[str, ...]:
    """What an answer could give away."""
    return ("PROMPT_LEAK", "CANARY") if _CANARY.search(system) else ("PROMPT_LEAK",)


def leaks(answer: str, system: str) -> list[Hit]:
    """The canaries of ``system`` in ``answer``, and the runs that stand in both."""
    return [*_canaries(answer, system), *_quotes(answer, system)]


def _canaries(answer: str, system: str) -> Iterator[Hit]:
    for canary in set(_CANARY.findall(system)):
        place = answer.find(canary)
        while place >= 0:
            yield Hit(place, place + len(canary), "CANARY", 0.99, "leak")
            place = answer.find(canary, place + len(canary))


def _quotes(answer: str, system: str) -> Iterator[Hit]:
    prompt, _ = _plain(system[:MOST])
    needed = min(SHORTEST, max(len(prompt) * 9 // 10, PIECE))
    pieces = {prompt[place : place + PIECE] for place in range(len(prompt) - PIECE + 1)}
    text, places = _plain(answer)
    for start, end in _runs(text, pieces):
        if end - start >= needed:
            yield Hit(places[start], places[end - 1] + 1, "PROMPT_LEAK", min(0.99, 0.8 + (end - start) / 1000), "leak")


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
