"""The double: says the last message again, word by word. What it does is a function of what it is asked."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator

from schemas.errors import ContextTooLong, InternalError, InvalidField, ModelNotAvailable, Overloaded, UpstreamFailed
from schemas.requests import Sampling
from schemas.results import FinishReason, TokenLogprob, Usage
from workers.engines.port import Generation, Piece
from workers.engines.text import StopStrings
from workers.models.manifest import EchoEntry

_WORD = re.compile(r"\s*(?:[\u3400-\u9fff\uf900-\ufaff]|[^\s\u3400-\u9fff\uf900-\ufaff]+)|\s+$")
_FAILURES = {error.code: error for error in (Overloaded, UpstreamFailed, ModelNotAvailable, InternalError)}


class Echo:
    """An ``Engine``. A word, or one Chinese character, counts as a token.

    It is certain of every word: its logprobs are 0, and settings that weigh tokens against each other change nothing.
    """

    deterministic = True

    def __init__(self, entry: EchoEntry) -> None:
        self._entry, self._options = entry, entry.options
        self.slots = entry.options.slots
        self._failed = 0
        self._free = asyncio.Semaphore(self.slots)

    async def start(self) -> None:
        """Nothing to load."""

    async def stop(self) -> None:
        """Nothing to free."""

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        """See ``Engine``."""
        asked = words(prompt_of(generation))
        form = generation.sampling.response_format.type
        if form in ("json_schema", "regex"):
            raise InvalidField(f"{self._entry.name} repeats, it cannot keep to {form}", param="response_format.type")
        if len(asked) >= self._entry.context:
            raise ContextTooLong(
                f"the prompt has {len(asked)} tokens, the context of {self._entry.name} is {self._entry.context}; "
                "shorten it",
                param="messages",
            )
        async with self._free:
            if self._options.delay_s:
                await asyncio.sleep(self._options.delay_s)
            async for piece in self._say(generation, len(asked)):
                yield piece

    async def _say(self, generation: Generation, asked: int) -> AsyncIterator[Piece]:
        answer = words(answer_to(generation))
        room = min(generation.sampling.max_tokens, self._entry.context - asked)
        stops, said = StopStrings(generation.sampling.stop), 0
        failing = self._is_to_fail()
        for word in answer[:room]:
            if failing and said >= self._options.fail_after:
                break
            if self._options.piece_delay_s:
                await asyncio.sleep(self._options.piece_delay_s)
            said += 1
            safe, told = stops.feed(word), certain(word, generation.sampling)
            if safe or told:
                yield Piece(safe, logprobs=told)
            if stops.stopped:
                break
        if failing:
            self._fail()
        reason: FinishReason = "length" if said < len(answer) and not stops.stopped else "stop"
        yield Piece(stops.finish(), reason, Usage(prompt_tokens=asked, completion_tokens=said))

    def _is_to_fail(self) -> bool:
        options = self._options
        return options.fail is not None and (not options.fail_times or self._failed < options.fail_times)

    def _fail(self) -> None:
        self._failed += 1
        if self._options.fail == "defect":
            raise RuntimeError("the echo fails with a defect, as its options say")
        raise _FAILURES[str(self._options.fail)]("the echo fails, as its options say")


def prompt_of(generation: Generation) -> str:
    return generation.prompt or "\n".join(message.text for message in generation.messages)


def answer_to(generation: Generation) -> str:
    """The prompt or the last message of the user; in JSON mode as ``{"echo": …}``."""
    users = [message.text for message in generation.messages if message.role == "user"]
    text = generation.prompt if generation.prompt is not None else "".join(users[-1:])
    if generation.sampling.response_format.type == "json_object":
        return json.dumps({"echo": text}, ensure_ascii=False)
    return text


def certain(word: str, sampling: Sampling) -> tuple[TokenLogprob, ...]:
    """The logprob of a word that could be no other, where it is asked for."""
    return (TokenLogprob(word, 0.0, ((word, 0.0),) if sampling.top_logprobs else ()),) if sampling.logprobs else ()


def words(text: str) -> list[str]:
    """The words with the spaces before them; together they are the text."""
    return _WORD.findall(text)
