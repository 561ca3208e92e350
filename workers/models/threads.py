"""How much of the processor a model takes."""

import os


def thread_count(wanted: int) -> int:
    """So many threads; 0 is all cores but one.

    A thread too many is worse than one too few: when another process holds a core, all threads wait for the last
    (measured on two busy cores: 0.8 tokens/s with two threads, 18 with one).
    """
    return wanted or max(1, len(os.sched_getaffinity(0)) - 1)


def set_threads(wanted: int) -> None:
    """Let torch use so many threads in the calling thread, counted as ``thread_count`` does."""
    import torch

    torch.set_num_threads(thread_count(wanted))
