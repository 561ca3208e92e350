"""LoRA adapters by peft; options: ``folder``, ``threads``, ``adapters`` (name to folder), and ``way``: ``mixed`` for
all adapters of a batch at once (``adapter_names``), ``turn`` for one adapter after the other."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.runtimes.lines import Job, Outcome, Work, serve

BARE = "__base__"
"""How peft calls no adapter in a mixed batch."""


class Adapted:
    """A model with all adapters loaded, and static batches."""

    def __init__(self, options: dict[str, Any]) -> None:
        import torch
        from peft import PeftModel

        from workers.models.base import load as load_base

        torch.set_num_threads(options["threads"])
        self._torch, base = torch, load_base(Path(options["folder"]))
        self._tokenizer = base.tokenizer
        self._tokenizer.padding_side = "left"
        self._tokenizer.pad_token = self._tokenizer.pad_token or self._tokenizer.eos_token
        names = list(options["adapters"])
        self._model = PeftModel.from_pretrained(base.model, options["adapters"][names[0]], adapter_name=names[0])
        for name in names[1:]:
            self._model.load_adapter(options["adapters"][name], adapter_name=name)
        self._model.eval()

    def mixed(self, job: Job) -> Outcome:
        adapters = [name or BARE for name in job.adapters] or [BARE] * len(job.prompts)
        return Outcome(
            sum(self._generate(job, batch, adapter_names=[adapters[at] for at in batch]) for batch in job.batches())
        )

    def turn(self, job: Job) -> Outcome:
        return Outcome(sum(self._by_adapter(job, batch) for batch in job.batches()))

    def _by_adapter(self, job: Job, batch: Sequence[int]) -> int:
        of: dict[str, list[int]] = defaultdict(list)
        for at in batch:
            of[job.adapters[at] if job.adapters else ""].append(at)
        made = 0
        for name, positions in of.items():
            if name:
                self._model.set_adapter(name)
                made += self._generate(job, positions)
            else:
                with self._model.disable_adapter():
                    made += self._generate(job, positions)
        return made

    def _generate(self, job: Job, batch: Sequence[int], **how: Any) -> int:
        given = self._tokenizer([job.prompts[at] for at in batch], return_tensors="pt", padding=True)
        with self._torch.inference_mode():
            said = self._model.generate(
                **given.to(self._model.device), max_new_tokens=job.max_tokens, do_sample=False, **how
            )
        made = said[:, given.input_ids.shape[1] :]
        return int((made != self._tokenizer.pad_token_id).sum())


def load(options: dict[str, Any]) -> Work:
    adapted = Adapted(options)
    return adapted.mixed if options["way"] == "mixed" else adapted.turn


if __name__ == "__main__":
    serve(load)
