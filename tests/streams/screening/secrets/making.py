"""Examples of what a pattern matches, by chance."""

import random
import re
import string
from functools import cache

from streams.screening.prefix import Char, Choice, Node, Repeat, Sequence, parse

BODY = "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC2eF4hJ6"
"""Stands for what an issuer makes by chance."""
SHORT = BODY[:20]
HEX = "3f8a1c9e5b7d2046e8c1a5f90b6d4e27"


def example(pattern: str, chance: random.Random) -> str:
    """A text that the whole ``pattern`` matches."""
    return _grow(parse(pattern), chance)


@cache
def _members(source: str) -> str:
    return "".join(each for each in string.printable[:95] if re.fullmatch(source, each))


def _grow(node: Node, chance: random.Random) -> str:
    match node:
        case Char(source):
            return chance.choice(_members(source))
        case Repeat(body, low, high):
            most = low + 40 if high is None else min(high, low + 40)
            return "".join(_grow(body, chance) for _ in range(chance.randint(low, most)))
        case Sequence(parts):
            return "".join(_grow(part, chance) for part in parts)
        case Choice(choices):
            return _grow(chance.choice(choices), chance)
