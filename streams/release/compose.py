"""From a terminal result and its verdict to the response: pure, so that a repeat is the same bytes."""

from collections.abc import Sequence
from typing import Any

from schemas.errors import Blocked, DuplicateId, HeadraceError
from schemas.policies import ScreeningPolicy
from schemas.responses import Response, Versions
from schemas.results import Choice, Ended, Final, Status
from schemas.screening import Action, Verdict
from schemas.work import Pins


def compose(result: Final | Ended, verdict: Verdict, choices: Sequence[Choice], policy: ScreeningPolicy) -> Response:
    """The response to publish; ``choices`` are those of the result as they may go out. Takes its time from the result
    and adds no chance of its own."""
    if isinstance(result, Ended):
        return _response(result, verdict, status=result.status, error=result.error, finish_reason="abort")
    if verdict.action is Action.BLOCK:
        error = Blocked(policy.told(verdict.findings)).body()
        return _response(
            result, verdict, status="blocked", error=error, finish_reason="content_filter", usage=result.usage
        )
    first, *others = choices
    return _response(
        result,
        verdict,
        status="completed",
        text=first.text,
        logprobs=first.logprobs,
        others=tuple(others),
        embeddings=result.embeddings,
        scores=result.scores,
        finish_reason=result.finish_reason,
        usage=result.usage,
        cached=result.cached,
        file=result.file,
    )


def _response(result: Final | Ended, verdict: Verdict, *, status: Status, **answer: Any) -> Response:
    pins = result.pins
    base, mark, _ = result.id.partition("#")
    return Response(
        id=result.id,
        tenant=result.tenant,
        time=result.time,
        trace=result.trace,
        kind=pins.kind,
        status=status,
        verdict=verdict,
        prompt_verdict=pins.verdict,
        versions=_versions(result, pins),
        digest=pins.digest,
        source=pins.source,
        of=base if mark else None,
        subject=pins.subject,
        **answer,
    )


def _versions(result: Final | Ended, pins: Pins) -> Versions:
    model = result.model or pins.model
    return Versions(
        model=f"{model.name}@{model.version}" if model else None,
        engine=(result.engine or None) if isinstance(result, Final) else None,
        adapter=f"{model.adapter.name}@{model.adapter.version}" if model and model.adapter else None,
        prompt=pins.prompt,
        policy=pins.policy,
        rules=pins.rules,
    )


def conflict(result: Final | Ended) -> Ended:
    """The end of a request that used an answered id for other content."""
    error = DuplicateId(f"the id {result.id} was used for another request: choose a new one", param="id")
    return Ended(
        id=f"{result.id}#{result.pins.digest[:8]}",
        tenant=result.tenant,
        time=result.time,
        trace=result.trace,
        pins=result.pins,
        status="refused",
        error=error.body(),
    )


def failed(result: Final | Ended, error: HeadraceError) -> Ended:
    """The end of a request whose result could not be released."""
    return Ended(
        id=result.id,
        tenant=result.tenant,
        time=result.time,
        trace=result.trace,
        pins=result.pins,
        status="failed",
        error=error.body(),
    )
