"""The double of an embedder: words and pairs of characters, hashed. Like texts are near, and nothing is learnt."""

import hashlib
import math
import re
from collections.abc import Iterator, Sequence

from schemas.results import Usage
from workers.models.manifest import HashEmbeddingEntry

_WORD = re.compile(r"\w+")


class HashEmbedder:
    """An ``Embedder`` after Weinberger et al., 2009, "Feature Hashing for Large Scale Multitask Learning"."""

    def __init__(self, entry: HashEmbeddingEntry) -> None:
        self._size = entry.options.dimensions

    async def start(self) -> None:
        """Nothing to load."""

    async def stop(self) -> None:
        """Nothing to free."""

    async def embed(self, texts: Sequence[str]) -> tuple[list[list[float]], Usage]:
        """See ``Embedder``; a word counts as a token."""
        return [self._vector(text) for text in texts], Usage(prompt_tokens=sum(len(_WORD.findall(t)) for t in texts))

    def _vector(self, text: str) -> list[float]:
        vector = [0.0] * self._size
        for feature in features(text):
            number = int.from_bytes(hashlib.blake2b(feature.encode(errors="replace"), digest_size=8).digest(), "big")
            vector[number % self._size] += 1.0 if number >> 63 else -1.0
        length = math.hypot(*vector)
        return [value / length for value in vector] if length else [1.0, *vector[1:]]


def features(text: str) -> Iterator[str]:
    """Each word, and each two characters that stand together in one: Chinese has no spaces between words."""
    for word in _WORD.findall(text.casefold()):
        yield word
        yield from (word[at : at + 2] for at in range(len(word) - 1))
