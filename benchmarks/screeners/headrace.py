"""Ours under the policy that ships; ``--rules`` without what was learned, ``--together`` many texts at once."""

import sys
from collections.abc import Iterable, Sequence

from benchmarks.screeners.lines import FindAll, Found, serve_all

TOGETHER = 128


def load() -> FindAll:
    from infra.policies import default_policy
    from infra.settings import Settings
    from schemas.screening import Measure
    from streams.screening.learned.selection import classifiers
    from streams.screening.screener import Screener, Task

    policy = default_policy().screening
    screener = Screener([] if "--rules" in sys.argv else classifiers(Settings().screening))
    book = screener.book(policy)

    def find(texts: Sequence[str]) -> Iterable[Iterable[Found]]:
        for screened in screener.screen_all([Task(text, "prompt") for text in texts], policy, "bench"):
            yield [
                (each.category, each.start, each.end)
                for each in screened.verdict.findings
                if book.judge("prompt", each.entity, each.score).measure is not Measure.ALLOW
            ]

    return find


if __name__ == "__main__":
    serve_all(load, TOGETHER if "--together" in sys.argv else 1)
