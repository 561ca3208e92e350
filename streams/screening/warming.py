"""Building, before the first request, what screening builds as it goes: patterns, states of automata, tables."""

from streams.registry import Registry
from streams.screening.corpus.corpus import held_out
from streams.screening.screener import Screener
from streams.screening.stream import StreamScreen

TEXTS = 300


def warm(screener: Screener, registry: Registry) -> None:
    """Screen some texts under the live policy, as prompts and as answers that stream."""
    policy = registry.policy(registry.live_policy, None).screening
    for example in held_out()[:TEXTS]:
        screener.screen(example.text, "prompt", policy, "")
        stream = StreamScreen(screener, "output", policy, "")
        stream.feed(example.text[:40])
        stream.feed(example.text[40:])
