"""The choices of an answer, each screened for itself, under the gravest verdict of them."""

from collections.abc import Callable

from schemas.policies import ScreeningPolicy
from schemas.results import Choice, Ended, Final
from schemas.screening import Direction, Level, Verdict
from streams.journey import unscreened
from streams.redaction.placeholders import Known, restore
from streams.redaction.sealed import NOTHING
from streams.screening.leak import leaks
from streams.screening.screener import Screened, Screener


def screen_choices(
    result: Final | Ended, screener: Screener, policy: ScreeningPolicy, known: Known = NOTHING, system: str = ""
) -> tuple[tuple[Choice, ...], Verdict]:
    """What may go out of each choice, with what is ``known`` in the places of names, and the verdict on them all: one
    that is blocked blocks the answer. None may quote the ``system`` prompt that an operator put before it."""
    pins = result.pins
    told = () if isinstance(result, Ended) else tuple(restored(choice, known) for choice in result.choices)
    if not any(choice.text for choice in told):
        return tuple(choice.model_copy(update={"logprobs": ()}) for choice in told), unscreened(pins.policy, pins.rules)
    direction: Direction = "ocr" if pins.kind == "upload" else "output"

    def screened(text: str) -> Screened:
        quoted = leaks(text, system) if system else ()
        return screener.screen(text, direction, policy, pins.policy, quoted, known.own)

    each = [screened(choice.text) for choice in told]
    choices = tuple(released(choice, found.text, screened) for choice, found in zip(told, each, strict=True))
    return choices, max((found.verdict for found in each), key=_gravity)


def restored(choice: Choice, known: Known) -> Choice:
    """A choice with values for names; its logprobs tell of the names, so they do not go with another text."""
    text = restore(choice.text, known)
    return choice if text == choice.text else choice.model_copy(update={"text": text, "logprobs": ()})


def released(choice: Choice, text: str, screened: Callable[[str], Screened]) -> Choice:
    """A choice with the text that may go out. Its logprobs name tokens, so they go only with an unchanged text, and
    what the tokens spell is screened where it is not that text."""
    if not choice.logprobs:
        return choice if text == choice.text else choice.model_copy(update={"text": text})
    spelt = "".join(logprob.token for logprob in choice.logprobs)
    told = text == choice.text and (spelt == text or screened(spelt).text == spelt)
    return choice.model_copy(update={"text": text, "logprobs": choice.logprobs if told else ()})


def _gravity(verdict: Verdict) -> tuple[int, Level]:
    return verdict.ordered.severity, Level[verdict.level.upper()]
