"""Texts as sets of hashed n-grams of characters and of words.

Characters are folded first: case away, every digit alike, a run of white space one space. With a random number r(c)
for each character c, an n-gram c1…cn hashes to ``sum r(ci) B^(n-i) mod 2^32``, computed for all places at once; a word
is a run of letters and digits, or one character of a script that writes words without spaces. The upper bits of the
hash, mixed by its order, are its bucket (feature hashing: Weinberger et al., 2009).
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Buckets = NDArray[np.uint32]
Places = NDArray[np.intp]
Kinds = NDArray[np.uint8]

BASE = 0x01000193
INVERSE = pow(BASE, -1, 2**32)
MIX = 0x9E3779B1
_BASE, _MIX = np.uint32(BASE), np.uint32(MIX)
PLANE = 0x10000
MOST = 256
LETTER, ALONE, MARK = range(3)
UNSPACED = ((0x0E00, 0x0F00), (0x3040, 0x3100), (0x3400, 0xA000), (0xF900, 0xFB00))
"""Thai and Lao, Kana, Han."""


@dataclass(frozen=True)
class Features:
    """``2 ** bits`` buckets for n-grams of so many characters and of so many words."""

    bits: int = 18
    characters: tuple[int, ...] = (1, 2, 3)
    words: tuple[int, ...] = (1, 2)

    @property
    def most(self) -> int:
        """So many texts are taken together."""
        return min(MOST, (1 << (32 - self.bits)) - 1)

    def of(self, text: str) -> Buckets:
        """The buckets that a text touches, in order and each once."""
        return self.together([text])[0]

    def together(self, texts: Sequence[str]) -> tuple[Buckets, Places]:
        """The buckets that each of at most ``most`` texts touches, in order and each once, those of one text behind
        those of another, and where those of each begin, and the last end."""
        numbers, kinds, whose = _folded(texts)
        words, owners = _words(numbers, kinds, whose)
        found = [*_grams(numbers, whose, self.characters, 0), *_grams(words, owners, self.words, 16)]
        every = self._placed(found) if found else np.empty(0, np.uint32)
        every.sort()
        first = np.empty(len(every), np.bool_)
        first[:1] = True
        np.not_equal(every[1:], every[:-1], out=first[1:])
        every = every[first]
        bounds = every.searchsorted(np.arange(len(texts) + 1, dtype=np.uint32) << np.uint32(self.bits))
        return every & np.uint32((1 << self.bits) - 1), bounds

    def _placed(self, grams: "Sequence[Grams]") -> Buckets:
        """The buckets of all n-grams, with the number of its text in the upper bits of each. All orders go through
        each operation at once, as it takes longer to begin one than to do it."""
        hashes, owners, inside = map(np.concatenate, zip(*grams, strict=True))
        hashes *= _MIX
        hashes >>= np.uint32(32 - self.bits)
        owners <<= np.uint32(self.bits)
        hashes |= owners
        placed: Buckets = hashes[inside]
        return placed


class Grams(NamedTuple):
    """N-grams of one order: their hashes, the texts they begin in, and whether they end in the same."""

    hashes: Buckets
    owners: Buckets
    inside: NDArray[np.bool_]


def _grams(numbers: Buckets, whose: Buckets, orders: tuple[int, ...], salt: int) -> Iterator[Grams]:
    hashes = numbers
    for order in range(1, max(orders, default=0) + 1):
        if order > 1:
            hashes = hashes[:-1] * _BASE + numbers[order - 1 :]
        if order in orders and len(hashes):
            owners = whose[: len(hashes)]
            yield Grams(hashes ^ np.uint32(MIX * (order + salt) % 2**32), owners, owners == whose[order - 1 :])


def script(text: str) -> int:
    """1 for a text mostly of characters that UTF-8 writes in three bytes, as Chinese; 0 for any other."""
    return int(len(text.encode(errors="replace")) > 2 * len(text))


def _folded(texts: Sequence[str]) -> tuple[Buckets, Kinds, Buckets]:
    """The number and the kind of each character, with a space at both ends of each text, and the number of its text."""
    spaced = [f" {' '.join(text.split())} " for text in texts]
    encoded = "".join(spaced).encode("utf-32-le", "replace")
    codes = np.minimum(np.frombuffer(encoded, np.uint32), np.uint32(PLANE - 1))
    numbers, kinds = _tables()
    whose = np.repeat(np.arange(len(texts), dtype=np.uint32), list(map(len, spaced)))
    return numbers[codes], kinds[codes], whose


def _words(numbers: Buckets, kinds: Kinds, whose: Buckets) -> tuple[Buckets, Buckets]:
    """The hash of each word, by sums up to its ends, and the number of its text."""
    letter = kinds == LETTER
    before, behind = np.zeros_like(letter), np.zeros_like(letter)
    before[1:], behind[:-1] = letter[:-1], letter[1:]
    alone = kinds == ALONE
    starts = np.flatnonzero(alone | (letter & ~before))
    ends = np.flatnonzero(alone | (letter & ~behind)) + 1
    powers, inverses = _powers(1 << max(10, len(numbers).bit_length()))
    sums = np.zeros(len(numbers) + 1, np.uint32)
    np.cumsum(numbers * powers[: len(numbers)], dtype=np.uint32, out=sums[1:])
    return (sums[ends] - sums[starts]) * inverses[starts], whose[starts]


@cache
def _powers(length: int) -> tuple[Buckets, Buckets]:
    """B^0, B^1, … and their inverses modulo 2^32."""

    def upwards(base: int) -> Buckets:
        powers = np.full(length, base, np.uint32)
        powers[0] = 1
        made: Buckets = np.multiply.accumulate(powers, dtype=np.uint32)
        return made

    return upwards(BASE), upwards(INVERSE)


@cache
def _tables() -> tuple[Buckets, Kinds]:
    """For each character of the first plane the random number of its folded form, and its kind."""
    codes, kinds = np.arange(PLANE, dtype=np.uint32), np.full(PLANE, MARK, np.uint8)
    for code in range(PLANE):
        character = chr(code)
        if character.isspace():
            codes[code] = ord(" ")
        elif character.isalnum():
            lower = unicodedata.normalize("NFKC", character).lower()
            codes[code] = ord("0") if character.isdecimal() else ord(lower[0])
            kinds[code] = ALONE if any(first <= code < last for first, last in UNSPACED) else LETTER
    return _mixed(codes), kinds


def _mixed(codes: Buckets) -> Buckets:
    """A bijection of 32 bits without visible order (the finaliser of MurmurHash3)."""
    mixed = codes ^ (codes >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    return mixed
