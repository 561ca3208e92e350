"""Ours under the policy that ships; ``--rules`` without what was learned."""

import sys

from benchmarks.screeners.lines import Find, Found, serve


def load() -> Find:
    from infra.policies import default_policy
    from infra.settings import Settings
    from schemas.screening import Measure
    from streams.screening.learned.selection import classifiers
    from streams.screening.screener import Screener

    policy = default_policy().screening
    screener = Screener([] if "--rules" in sys.argv else classifiers(Settings().screening))
    book = screener.book(policy)

    def find(text: str) -> list[Found]:
        verdict = screener.screen(text, "prompt", policy, "bench").verdict
        return [
            (each.category, each.start, each.end)
            for each in verdict.findings
            if book.judge("prompt", each.entity, each.score).measure is not Measure.ALLOW
        ]

    return find


if __name__ == "__main__":
    serve(load)
