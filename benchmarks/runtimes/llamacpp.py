"""llama.cpp by its C interface, a sequence for each prompt in one batch; options: ``file`` (GGUF), ``threads``."""

import ctypes
import time
from collections.abc import Sequence
from typing import Any

from benchmarks.runtimes.lines import Job, Outcome, Work, serve

BATCH = 2048
CONTEXT = 32 * 1024
SEQUENCES = 64


class LlamaCpp:
    """A model and a context of ``SEQUENCES`` sequences; greedy."""

    def __init__(self, file: str, threads: int) -> None:
        import llama_cpp  # type: ignore[import-not-found,unused-ignore]  # of an environment of its own

        self._llama = llama_cpp
        llama_cpp.llama_backend_init()
        self._model = llama_cpp.llama_model_load_from_file(file.encode(), llama_cpp.llama_model_default_params())
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._model)
        options = llama_cpp.llama_context_default_params()
        options.n_ctx, options.n_batch, options.n_seq_max = CONTEXT, BATCH, SEQUENCES
        options.n_threads = options.n_threads_batch = threads
        options.kv_unified = True
        self._context = llama_cpp.llama_init_from_model(self._model, options)
        self._sampler = llama_cpp.llama_sampler_init_greedy()
        self._batch = llama_cpp.llama_batch_init(BATCH, 0, 1)

    def work(self, job: Job) -> Outcome:
        outcome = Outcome(0)
        for batch in job.batches():
            self._run([self._tokens(job.prompts[at]) for at in batch], job.max_tokens, outcome)
        return outcome

    def _run(self, prompts: Sequence[Sequence[int]], room: int, outcome: Outcome) -> None:
        llama, began = self._llama, time.perf_counter()
        llama.llama_memory_clear(llama.llama_get_memory(self._context), True)
        said, lengths = [0] * len(prompts), [len(prompt) for prompt in prompts]
        last = self._prefill(prompts)
        outcome.first_s += [time.perf_counter() - began] * len(prompts)
        while last:
            for at, token in list(last.items()):
                said[at] += 1
                if llama.llama_vocab_is_eog(self._vocabulary, token) or said[at] >= room:
                    del last[at]
            order = list(last)
            self._decode([(last[at], lengths[at] + said[at] - 1, at, True) for at in order])
            last = {at: self._sample(row) for row, at in enumerate(order)}
        outcome.tokens += sum(said)

    def _prefill(self, prompts: Sequence[Sequence[int]]) -> dict[int, int]:
        """The first token of each; as many prompts in one batch as fit."""
        first: dict[int, int] = {}
        waiting = list(range(len(prompts)))
        while waiting:
            rows: list[tuple[int, int, int, bool]] = []
            ends: dict[int, int] = {}
            while waiting and len(rows) + len(prompts[waiting[0]]) <= BATCH:
                at = waiting.pop(0)
                rows += [(token, place, at, place == len(prompts[at]) - 1) for place, token in enumerate(prompts[at])]
                ends[at] = len(rows) - 1
            self._decode(rows)
            first |= {at: self._sample(row) for at, row in ends.items()}
        return first

    def _decode(self, rows: Sequence[tuple[int, int, int, bool]]) -> None:
        """Rows of token, position, sequence, and whether its logits are wanted."""
        if not rows:
            return
        batch = self._batch
        batch.n_tokens = len(rows)
        for at, (token, place, sequence, wanted) in enumerate(rows):
            batch.token[at], batch.pos[at], batch.logits[at] = token, place, wanted
            batch.n_seq_id[at], batch.seq_id[at][0] = 1, sequence
        if self._llama.llama_decode(self._context, batch):
            raise RuntimeError("llama.cpp could not decode")

    def _sample(self, row: int) -> int:
        return int(self._llama.llama_sampler_sample(self._sampler, self._context, row))

    def _tokens(self, text: str) -> list[int]:
        data = text.encode()
        tokens = (ctypes.c_int32 * (len(data) + 8))()
        count = self._llama.llama_tokenize(self._vocabulary, data, len(data), tokens, len(tokens), True, False)
        return list(tokens[:count])


def load(options: dict[str, Any]) -> Work:
    return LlamaCpp(options["file"], options["threads"]).work


if __name__ == "__main__":
    serve(load)
