"""The process in which OpenVINO computes: ``python -m workers.engines.openvino_steps``.

openvino-genai holds Python's lock while it steps, so it has an interpreter of its own. Lines of JSON come in on
standard input: what to load, then ``{"add": id, "ids": [...], "settings": {...}}`` and ``{"drop": id}``. Lines of JSON
go out: ``{"ready": {...}}`` or ``{"failed": reason}``, then ``{"said": [[id, [token, ...], over], ...]}`` after each
step, and ``{"refused": id, "reason": ...}``. It ends when its input does.
"""

import os
import select
import sys
from dataclasses import dataclass
from typing import Any

import orjson

READ = 2**16


@dataclass
class Under:
    """A generation under way."""

    handle: Any
    dropped: bool = False


class Commands:
    """The lines of a pipe, without waiting for more than there are."""

    def __init__(self, file: int) -> None:
        self._file, self._held, self.ended = file, b"", False

    def read(self, *, wait: bool) -> list[dict[str, Any]]:
        """The commands that have come; with ``wait``, at least a part of one or the end."""
        while not self.ended and select.select([self._file], [], [], None if wait else 0)[0]:
            part = os.read(self._file, READ)
            self.ended = not part
            self._held += part
            wait = False
        *lines, self._held = self._held.split(b"\n")
        return [orjson.loads(line) for line in lines]


class Stepper:
    """The pipeline and what is under way in it."""

    def __init__(self, genai: Any, openvino: Any, pipeline: Any) -> None:
        self._genai, self._openvino, self._pipeline = genai, openvino, pipeline
        self._under: dict[int, Under] = {}

    @property
    def busy(self) -> bool:
        return bool(self._under)

    def apply(self, command: dict[str, Any]) -> None:
        """Begin a generation, or leave one at the next step."""
        if "drop" in command:
            if under := self._under.pop(command["drop"], None):
                under.handle.cancel()
            return
        config = self._genai.GenerationConfig()
        for name, value in command["settings"].items():
            setattr(config, name, set(value) if isinstance(value, list) else value)
        ids = self._openvino.Tensor(_row(command["ids"]))
        try:
            handle = self._pipeline.add_request(command["add"], ids, config)
        except RuntimeError as error:
            say({"refused": command["add"], "reason": str(error)[:300]})
            return
        self._under[command["add"]] = Under(handle)

    def step(self) -> None:
        """Compute one step and tell what it gave."""
        self._pipeline.step()
        said = [told for id, under in list(self._under.items()) if (told := self._told(id, under))]
        if said:
            say({"said": said})

    def _told(self, id: int, under: Under) -> tuple[int, list[int], bool] | None:
        tokens: list[int] = []
        while under.handle.can_read():
            for output in under.handle.read().values():
                tokens += output.generated_ids
        status = under.handle.get_status().name
        if status == "IGNORED":
            say({"refused": id, "reason": "the cache of keys and values has no room for it"})
        if over := status != "RUNNING":
            del self._under[id]
        return (id, tokens, over) if tokens or (over and status != "IGNORED") else None


def main() -> None:
    """Load, then step while there is something to do."""
    commands = Commands(sys.stdin.fileno())
    first = commands.read(wait=True)
    while not first and not commands.ended:
        first = commands.read(wait=True)
    if not first:
        return
    stepper = load(first.pop(0))
    while stepper and not commands.ended:
        for command in first or commands.read(wait=not stepper.busy):
            stepper.apply(command)
        first = []
        if stepper.busy:
            stepper.step()


def load(wanted: dict[str, Any]) -> Stepper | None:
    """The pipeline of ``wanted``: ``path``, ``slots``, ``cache_gib`` and ``properties`` of the device."""
    import openvino
    import openvino_genai

    scheduling = openvino_genai.SchedulerConfig()
    scheduling.enable_prefix_caching = True
    scheduling.cache_size, scheduling.max_num_seqs = wanted["cache_gib"], wanted["slots"]
    try:
        pipeline = openvino_genai.ContinuousBatchingPipeline(wanted["path"], scheduling, "CPU", wanted["properties"])
    except (RuntimeError, ValueError) as error:
        say({"failed": str(error).strip()[-500:]})
        return None
    config = pipeline.get_config()
    ends = sorted({config.eos_token_id, *config.stop_token_ids} - {-1})
    say({"ready": {"ends": ends, "version": openvino_genai.__version__, "precision": precision(wanted, openvino)}})
    return Stepper(openvino_genai, openvino, pipeline)


def precision(wanted: dict[str, Any], openvino: Any) -> str:
    """What the processor computes in: as asked for, else what OpenVINO takes for it."""
    chosen = openvino.Core().get_property("CPU", "INFERENCE_PRECISION_HINT").get_type_name()
    return str(wanted["properties"].get("INFERENCE_PRECISION_HINT", chosen))


def _row(ids: list[int]) -> Any:
    import numpy

    return numpy.array([ids], dtype=numpy.int64)


def say(what: dict[str, Any]) -> None:
    """One line; a broken pipe ends the process, as nobody listens."""
    os.write(CHANNEL, orjson.dumps(what) + b"\n")


if __name__ == "__main__":
    CHANNEL = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the library prints is no line of ours
    main()
