"""An engine that breaks when it is told to, and what makes a new one."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

from schemas.results import Usage
from workers.engines.port import Generation, Piece

Fault = Callable[[str], Exception | None]


@dataclass
class Machine:
    """Makes engines, and breaks them: ``fault`` gives what a prompt raises after its first piece."""

    fault: Fault = lambda prompt: None
    made: list["Fragile"] = field(default_factory=list)
    hung: bool = False
    stuck: bool = False
    broken_start: bool = False
    restarts: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)

    def make(self) -> "Fragile":
        self.made.append(Fragile(self))
        return self.made[-1]


@dataclass
class Fragile:
    """An ``Engine`` that says each word of a prompt; ``down`` after a crash, until another is made."""

    machine: Machine
    slots: int = 4
    deterministic: bool = True
    down: bool = False
    stopped: bool = False
    asked: list[str] = field(default_factory=list)

    async def start(self) -> None:
        if self.machine.broken_start:
            raise OSError("no such file")

    async def stop(self) -> None:
        if self.machine.stuck:
            await asyncio.sleep(3600)
        self.stopped = True

    async def generate(self, generation: Generation) -> AsyncGenerator[Piece, None]:
        prompt = generation.prompt or "".join(message.text for message in generation.messages)
        self.asked.append(prompt)
        for word in prompt.split():
            if self.machine.hung:
                await asyncio.sleep(3600)
            if self.down:
                raise RuntimeError("the engine's loop has ended")
            yield Piece(word)
            if error := self.machine.fault(prompt):
                self.down = prompt == "crash"
                raise error
            await asyncio.sleep(0.01)
        yield Piece("", "stop", Usage(completion_tokens=len(prompt.split())))
