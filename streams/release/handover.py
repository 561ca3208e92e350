"""The next leg of a request: what was read out of media is screened before a model sees it."""

from schemas.audit import Decision
from schemas.errors import Blocked, HeadraceError, ModelNotAvailable
from schemas.policies import ScreeningPolicy
from schemas.requests import Message
from schemas.results import Ended, Handover
from schemas.screening import Action
from schemas.work import ModelPin, Work
from streams.screening.screener import Screened


def next_leg(handover: Handover, screened: Screened | None, policy: ScreeningPolicy) -> tuple[Work | Ended, Decision]:
    """The work to publish, or the end when policy does not let through what was read."""
    if screened is None:
        return handover.work, Decision(stage="inference", outcome="handed over", code=handover.reason)
    action = screened.verdict.action
    detail: dict[str, str | int | float | bool | None] = {"level": screened.verdict.level}
    decision = Decision(
        stage="screening", outcome=screened.verdict.ordered.value, code=screened.verdict.reason[:100], detail=detail
    )
    if action is Action.BLOCK:
        return ended(handover, Blocked(f"the text in the file: {policy.told(screened.verdict.findings)}")), decision
    work = _with_text(handover.work, handover.read, screened.text)
    if action is Action.LOCAL_ONLY:
        local = [pin for pin in (work.model, *work.fallbacks) if pin.local]
        if not local:
            return ended(
                handover, ModelNotAvailable("the text in the file must stay local, and no local model is left")
            ), decision
        work = _with_models(work, local)
    return work, decision


def ended(handover: Handover, error: HeadraceError) -> Ended:
    """The end of a request that may not go on."""
    return Ended(
        id=handover.id,
        tenant=handover.tenant,
        time=handover.time,
        trace=handover.trace,
        pins=handover.pins,
        status="blocked" if isinstance(error, Blocked) else "failed",
        error=error.body(),
    )


def _with_text(work: Work, read: str, screened: str) -> Work:
    messages = tuple(
        Message(role=message.role, content=message.text.replace(read, screened), name=message.name)
        for message in work.messages
    )
    return work.model_copy(update={"messages": messages})


def _with_models(work: Work, models: list[ModelPin]) -> Work:
    return work.model_copy(update={"model": models[0], "pool": models[0].pool, "fallbacks": tuple(models[1:])})
