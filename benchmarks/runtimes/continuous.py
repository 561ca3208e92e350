"""Continuous batching of transformers (``ContinuousBatchingManager``); options: ``folder``, ``threads``, ``blocks``."""

import time
from pathlib import Path
from typing import Any

from benchmarks.runtimes.lines import Job, Outcome, Work, serve

BLOCK = 32
BATCH_TOKENS = 2048


def load(options: dict[str, Any]) -> Work:
    import torch
    from transformers import ContinuousBatchingConfig, GenerationConfig

    from workers.models.base import load as load_base

    torch.set_num_threads(options["threads"])
    base = load_base(Path(options["folder"]))
    base.model.set_attn_implementation("sdpa")
    ends = base.model.generation_config.eos_token_id
    manager = base.model.init_continuous_batching(
        generation_config=GenerationConfig(do_sample=False, max_new_tokens=64, eos_token_id=ends, pad_token_id=0),
        continuous_batching_config=ContinuousBatchingConfig(
            block_size=BLOCK, num_blocks=options["blocks"], max_batch_tokens=BATCH_TOKENS
        ),
    )
    manager.start()

    def work(job: Job) -> Outcome:
        outcome = Outcome(0)
        for batch in job.batches():
            began = time.perf_counter()
            for at in batch:
                ids = base.tokenizer(job.prompts[at]).input_ids
                manager.add_request(ids, max_new_tokens=job.max_tokens, record_timestamps=True)
            for _ in batch:
                _take(manager, outcome, began)
        return outcome

    return work


def _take(manager: Any, outcome: Outcome, began: float) -> None:
    """The next request to end."""
    while (result := manager.get_result(timeout=1.0)) is None or not result.is_finished():
        if result is None and not manager.is_running():
            raise RuntimeError("continuous batching has stopped")
    if result.error:
        outcome.failed.append(result.error)
    outcome.tokens += len(result.generated_tokens)
    if result.timestamps:
        outcome.first_s.append(result.timestamps[0] - began)


if __name__ == "__main__":
    serve(load)
