"""What a client has of one choice of a streamed answer."""

from dataclasses import dataclass

from schemas.errors import InternalError
from schemas.responses import Chunk
from schemas.results import Choice, TokenLogprob
from streams.gateway.logprobs import spelt


@dataclass(frozen=True)
class Fresh:
    """What is new of a choice; ``offset`` is the number of characters that the tokens told before have."""

    index: int
    text: str
    logprobs: tuple[TokenLogprob, ...] = ()
    offset: int = 0

    def __bool__(self) -> bool:
        return bool(self.text or self.logprobs)


class Sent:
    """Chunks may repeat, overlap or be missing: only what follows on is new."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._text = ""
        self._told = self._offset = 0

    def add(self, chunk: Chunk) -> Fresh:
        """What of a chunk is new; nothing where there is a gap before it, which the whole answer will close."""
        known, told = len(self._text) - chunk.position, self._told - chunk.told
        return self._sent(chunk.text[known:] if known >= 0 else "", chunk.logprobs[told:] if told >= 0 else ())

    def rest(self, choice: Choice) -> Fresh:
        """What of the whole choice is still to be sent.

        Raises:
            InternalError: it does not begin with what was sent.
        """
        if not choice.text.startswith(self._text):
            raise InternalError("the final answer differs from what was streamed: read it at /v1/requests/{id}")
        return self._sent(choice.text[len(self._text) :], choice.logprobs[self._told :])

    def _sent(self, text: str, logprobs: tuple[TokenLogprob, ...]) -> Fresh:
        fresh = Fresh(self._index, text, logprobs, self._offset)
        self._text += text
        self._told += len(logprobs)
        self._offset += spelt(logprobs)
        return fresh
