"""Screening on the way in: every text of a request, by who it comes from."""

from collections.abc import Iterable, Sequence

from infra.metrics import Metrics
from schemas.cloudevents import header
from schemas.errors import Blocked, Unavailable
from schemas.policies import ScreeningPolicy
from schemas.requests import Request
from schemas.screening import Action, Direction, Finding, Level, Verdict
from streams.abuse.scrutiny import stricter
from streams.journey import Journey
from streams.registry import Registry
from streams.screening.detector import Hit
from streams.screening.normal import normalise
from streams.screening.reviews import REVIEWED, Decisions, is_held
from streams.screening.screener import Screener
from streams.screening.spread import spread
from streams.screening.texts import texts_of, with_texts

MOST_FINDINGS = 100


class Screen:
    """The stage that redacts or blocks what policy does not let through, and notes the verdict."""

    def __init__(self, screener: Screener, registry: Registry, metrics: Metrics, decisions: Decisions) -> None:
        self._screener, self._registry, self._metrics, self._decisions = screener, registry, metrics, decisions

    async def __call__(self, journey: Journey) -> None:
        policy = self._registry.policy(journey.policy, journey.tenant).screening
        found = [finding for attachment in journey.attachments for finding in attachment.found]
        screen_pictures(journey, found, self._screener, self._registry)
        journey.unscreened = journey.asked
        request, verdict = screen_request(journey.asked, self._screener, policy, journey.policy)
        verdict = strictest(filter(None, (verdict, journey.verdict)), journey.policy, self._screener.rules)
        if journey.scrutiny:
            verdict = stricter(verdict)
        if is_held(verdict):
            request, verdict = self._reviewed(journey, request, verdict)
        journey.request, journey.verdict = request, verdict
        self._metrics.verdict("prompt", verdict.ordered.value, verdict.level)
        journey.decide("screening", verdict.ordered.value, verdict.reason[:100], level=verdict.level)
        if verdict.action is Action.BLOCK:
            raise Blocked(policy.told(verdict.findings))

    def _reviewed(self, journey: Journey, request: Request, verdict: Verdict) -> tuple[Request, Verdict]:
        """A request that a person released goes on as it was asked."""
        if self._decisions.released(journey.tenant, journey.id, journey.digest):
            released = {"action": Action.ALLOW, "reason": f"released: {verdict.reason}"}
            return journey.asked, verdict.model_copy(update=released)
        if header(journey.record.headers, REVIEWED):
            raise Unavailable("what the reviewer decided is not known here yet")
        return request, verdict


def screen_pictures(journey: Journey, found: Sequence[Finding], screener: Screener, registry: Registry) -> None:
    """Note the verdict on what pictures show, where they show anything. Raises ``Blocked``."""
    if not found:
        return
    policy = registry.policy(journey.policy, journey.tenant).screening
    verdict = journey.verdict = screener.judge(found, "image", policy, journey.policy)
    journey.decide("screening", verdict.ordered.value, verdict.reason[:100], level=verdict.level)
    if verdict.action is Action.BLOCK:
        raise Blocked(policy.told(verdict.findings), param="messages")


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
