"""``generate()`` of transformers, as each model's card shows it; options: ``folder``, ``threads``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.runtimes.lines import Work, each, serve


def load(options: dict[str, Any]) -> Work:
    import torch

    from workers.models.base import load as load_base

    torch.set_num_threads(options["threads"])
    base = load_base(Path(options["folder"]))

    def generate(prompts: Sequence[str], max_tokens: int) -> int:
        given = base.tokenizer(list(prompts), return_tensors="pt").to(base.device)
        with torch.inference_mode():
            said = base.model.generate(**given, max_new_tokens=max_tokens, do_sample=False)
        return int(said.shape[1] - given.input_ids.shape[1]) * len(prompts)

    return lambda job: each(job, lambda prompts: sum(generate([prompt], job.max_tokens) for prompt in prompts))


if __name__ == "__main__":
    serve(load)
