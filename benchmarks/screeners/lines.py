"""What a screener is to the bench: a process that reads texts as a line of JSON, and says what it found and how long
that took. Standard library alone: peers run it in environments of their own."""

import json
import sys
import time
from collections.abc import Callable, Iterable

Found = tuple[str, int, int]
"""A category (pii, secret, payload, injection, harm) and a span ``[start, end)`` in characters."""
Find = Callable[[str], Iterable[Found]]


def serve(load: Callable[[], Find]) -> None:
    """Answer each line ``["text", …]`` with ``{"seconds": […], "found": [[["pii", 0, 5], …], …]}``, in order."""
    out = sys.stdout
    sys.stdout = sys.stderr
    find = load()
    print(json.dumps({"ready": True}), file=out, flush=True)
    for line in sys.stdin:
        seconds, found = [], []
        for text in json.loads(line):
            since = time.perf_counter()
            each = list(find(text))
            seconds.append(time.perf_counter() - since)
            found.append(each)
        print(json.dumps({"seconds": seconds, "found": found}), file=out, flush=True)
