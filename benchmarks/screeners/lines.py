"""What a screener is to the bench: a process that reads texts as a line of JSON, and says what it found and how long
that took. Standard library alone: peers run it in environments of their own."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence

Found = tuple[str, int, int]
"""A category (pii, secret, payload, injection, harm) and a span ``[start, end)`` in characters."""
Find = Callable[[str], Iterable[Found]]
FindAll = Callable[[Sequence[str]], Iterable[Iterable[Found]]]


def serve(load: Callable[[], Find]) -> None:
    """As ``serve_all``, a text at a time."""

    def load_all() -> FindAll:
        find = load()
        return lambda texts: map(find, texts)

    serve_all(load_all, 1)


def serve_all(load: Callable[[], FindAll], at_once: int) -> None:
    """Answer each line ``["text", …]`` with ``{"seconds": […], "found": [[["pii", 0, 5], …], …]}``, in order; each of
    ``at_once`` texts has the same part of the time that they took."""
    out = sys.stdout
    sys.stdout = sys.stderr
    find = load()
    print(json.dumps({"ready": True}), file=out, flush=True)
    for line in sys.stdin:
        seconds, found = list[float](), list[list[Found]]()
        texts = json.loads(line)
        for start in range(0, len(texts), at_once):
            some = texts[start : start + at_once]
            since = time.perf_counter()
            found += [list(each) for each in find(some)]
            seconds += [(time.perf_counter() - since) / len(some)] * len(some)
        print(json.dumps({"seconds": seconds, "found": found}), file=out, flush=True)
