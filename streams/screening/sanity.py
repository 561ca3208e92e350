"""A policy that would stop daily work is no policy: ordinary sentences have to come through it."""

from collections.abc import Iterator

from schemas.errors import InvalidField
from schemas.policies import ORDINARY, PolicyDocument
from schemas.screening import Action
from streams.screening.scan import DIRECTIONS
from streams.screening.screener import Screener


def check_daily_work(document: PolicyDocument, screener: Screener) -> None:
    """Raises ``InvalidField`` with every ordinary sentence that the document would block, for whom, and why."""
    problems = list(_stopped(document, screener))
    if problems:
        raise InvalidField("the policy would block ordinary texts:\n" + "\n".join(f"- {each}" for each in problems))


def _stopped(document: PolicyDocument, screener: Screener) -> Iterator[str]:
    for tenant in (None, *document.tenants):
        policy = document.for_tenant(tenant).screening
        for sentence in ORDINARY:
            for direction in DIRECTIONS:
                verdict = screener.screen(sentence, direction, policy, "").verdict
                if verdict.action is Action.BLOCK:
                    whose = f"tenants.{tenant}." if tenant else ""
                    yield f"{whose}screening.actions.{direction}: {verdict.reason} in {sentence[:40]!r}…"
