"""Screening on the way in: every text of a request, by who it comes from."""

from collections.abc import Iterable, Sequence

from infra.metrics import Metrics
from schemas.errors import Blocked
from schemas.policies import ScreeningPolicy
from schemas.requests import Request
from schemas.screening import Action, Direction, Level, Verdict
from streams.abuse.scrutiny import stricter
from streams.journey import Journey
from streams.registry import Registry
from streams.screening.detector import Hit
from streams.screening.normal import normalise
from streams.screening.pictures import Pictures
from streams.screening.reviews import Decisions, Held, is_held
from streams.screening.screener import Screener
from streams.screening.spread import spread
from streams.screening.texts import texts_of, with_texts

MOST_FINDINGS = 100


class Screen:
    """The stage that redacts or blocks what policy does not let through, and notes the verdict."""

    def __init__(self, screener: Screener, registry: Registry, metrics: Metrics, decisions: Decisions) -> None:
        self._screener, self._registry, self._metrics, self._decisions = screener, registry, metrics, decisions
        self._pictures = Pictures(screener, registry, decisions)

    async def __call__(self, journey: Journey) -> None:
        policy = self._registry.policy(journey.policy, journey.tenant).screening
        found = [finding for attachment in journey.attachments for finding in attachment.found]
        self._pictures(journey, found)
        journey.unscreened = journey.asked
        request, verdict = screen_request(journey.asked, self._screener, policy, journey.policy)
        verdict = strictest(filter(None, (verdict, journey.verdict)), journey.policy, self._screener.rules)
        if journey.scrutiny:
            verdict = stricter(verdict)
        if is_held(verdict):
            held = Held(journey.tenant, journey.id, journey.digest)
            verdict = self._decisions.passed(verdict, journey.record, held)
            request = journey.asked if verdict.action is Action.ALLOW else request
        journey.request, journey.verdict = request, verdict
        self._metrics.verdict("prompt", verdict.ordered.value, verdict.level)
        journey.decide("screening", verdict.ordered.value, verdict.reason[:100], level=verdict.level)
        if verdict.action is Action.BLOCK:
            raise Blocked(policy.told(verdict.findings))


def screen_request(
    request: Request, screener: Screener, policy: ScreeningPolicy, version: str
) -> tuple[Request, Verdict]:
    """The request with its texts redacted, and one verdict on all of them."""
    verdicts: list[Verdict] = []

    said = [text for message in request.messages if message.role == "user" for text in texts_of(message)]
    over = iter(spread(said, lambda text: screener.book(policy).all.hits(normalise(text))))

    def clean(text: str, direction: Direction, more: Sequence[Hit] = ()) -> str:
        screened = screener.screen(text, direction, policy, version, more)
        verdicts.append(screened.verdict)
        return screened.text

    def clean_said(text: str, direction: Direction) -> str:
        return clean(text, direction, next(over))

    return with_texts(request, clean, clean_said), strictest(verdicts, version, screener.rules)


def strictest(verdicts: Iterable[Verdict], policy: str, rules: str) -> Verdict:
    """One verdict for several texts: the strictest action, the highest level, all findings up to a bound."""
    every = list(verdicts)
    if not every:
        return Verdict(action=Action.ALLOW, policy=policy, rules=rules, reason="nothing to screen")
    gravest = max(every, key=lambda verdict: (verdict.ordered.severity, Level[verdict.level.upper()]))
    level = max(every, key=lambda verdict: Level[verdict.level.upper()]).level
    findings = tuple(finding for verdict in every for finding in verdict.findings)[:MOST_FINDINGS]
    return gravest.model_copy(update={"level": level, "findings": findings})
