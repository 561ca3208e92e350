"""Building, before the first request, what screening builds as it goes: patterns, states of automata, tables."""

from schemas.policies import ScreeningPolicy
from streams.screening.corpus.corpus import held_out
from streams.screening.screener import Screener
from streams.screening.stream import StreamScreen

TEXTS = 300


def warm(screener: Screener, policy: ScreeningPolicy) -> None:
    """Screen some texts as prompts, and as answers that stream."""
    for example in held_out()[:TEXTS]:
        screener.screen(example.text, "prompt", policy, "")
        stream = StreamScreen(screener, "output", policy, "")
        stream.feed(example.text[:40])
        stream.feed(example.text[40:])
