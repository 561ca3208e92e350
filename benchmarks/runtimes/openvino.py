"""openvino-genai alone, with its continuous batching and prefix cache; options: ``file`` (GGUF), ``threads``."""

from collections.abc import Sequence
from typing import Any

from benchmarks.runtimes.lines import Work, each, serve

CACHE_GIB = 2


def load(options: dict[str, Any]) -> Work:
    import openvino_genai  # type: ignore[import-not-found,unused-ignore]  # of an environment of its own

    scheduling = openvino_genai.SchedulerConfig()
    scheduling.enable_prefix_caching = True
    scheduling.cache_size = CACHE_GIB
    scheduling.max_num_seqs = 256
    pipeline = openvino_genai.LLMPipeline(
        options["file"], "CPU", scheduler_config=scheduling, INFERENCE_NUM_THREADS=options["threads"]
    )

    def generate(prompts: Sequence[str], max_tokens: int) -> int:
        config = openvino_genai.GenerationConfig(max_new_tokens=max_tokens, do_sample=False, apply_chat_template=False)
        said = pipeline.generate(list(prompts), config)
        return int(said.perf_metrics.get_num_generated_tokens())

    return lambda job: each(job, lambda prompts: generate(prompts, job.max_tokens))


if __name__ == "__main__":
    serve(load)
