"""Texts that passed as they were, so that what is said again is not judged again: history in a conversation, the
examples of a template, an answer out of the cache. Keeps digests and verdicts, and no text."""

from collections import OrderedDict
from hashlib import blake2b
from typing import NamedTuple

from schemas.screening import Direction, Verdict
from streams.screening.rulebook import Rulebook


class Key(NamedTuple):
    """A text that goes some way under the rules of a policy of some version."""

    digest: bytes
    direction: Direction
    version: str
    book: Rulebook

    @classmethod
    def of(cls, text: str, direction: Direction, version: str, book: Rulebook) -> "Key":
        return cls(blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest(), direction, version, book)


class Passed:
    """The newest ``most`` verdicts."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._verdicts: OrderedDict[Key, Verdict] = OrderedDict()

    def get(self, key: Key) -> Verdict | None:
        verdict = self._verdicts.get(key)
        if verdict is not None:
            self._verdicts.move_to_end(key)
        return verdict

    def put(self, key: Key, verdict: Verdict) -> None:
        self._verdicts[key] = verdict
        while len(self._verdicts) > self.most:
            self._verdicts.popitem(last=False)
