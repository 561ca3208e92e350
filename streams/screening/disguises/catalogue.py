"""All disguises. What was encoded is read again in every way, each run by itself, and so is what looks alike."""

from streams.screening.disguises.address import Address
from streams.screening.disguises.backward import Backward
from streams.screening.disguises.encoded import Encoded
from streams.screening.disguises.leet import Leet
from streams.screening.disguises.lookalike import Lookalike
from streams.screening.disguises.numerals import Numerals
from streams.screening.disguises.port import Disguise
from streams.screening.disguises.rot13 import Rot13
from streams.screening.disguises.spaced import Spaced

DEPTH = 5
"""So many encodings within one another are seen through."""
ENCODED, LOOKALIKE, SPACED, LEET = Encoded(), Lookalike(), Spaced(), Leet()
LEAVES: tuple[Disguise, ...] = (Numerals(), Address(), SPACED, LEET, Backward(), Rot13())
DISGUISES: tuple[Disguise, ...] = (ENCODED, LOOKALIKE, *LEAVES)


def within(disguise: Disguise, depth: int) -> tuple[Disguise, ...]:
    """How a text that was seen through at this depth is read again, as a whole."""
    if disguise is ENCODED:
        return (ENCODED, LOOKALIKE) if depth < DEPTH else (LOOKALIKE,)
    return LEAVES if disguise is LOOKALIKE and depth == 1 else ()
