"""What was read in a file, in disguise for a remote model, as a request is."""

from dataclasses import dataclass

from infra.vault.vault import Vault
from schemas.policies import ScreeningPolicy
from schemas.requests import Message
from schemas.results import Handover
from schemas.screening import Action
from schemas.work import Work
from streams.redaction.disguise import Span, Text, hidden, named_in, written
from streams.redaction.numbers import Numbers, Value
from streams.redaction.placeholders import Known
from streams.redaction.sealed import sealed
from streams.screening.screener import Screened, Screener


@dataclass(frozen=True)
class ReadingDisguise:
    """Puts names in the places of what is personal or secret in what was read."""

    screener: Screener
    numbers: Numbers
    vault: Vault

    async def __call__(
        self, handover: Handover, screened: Screened, policy: ScreeningPolicy
    ) -> tuple[Handover, Screened] | None:
        """The hand-over with what the names stand for pinned into its work, and the text with the names; ``None`` when
        none are needed, or they are not enough."""
        work, read = handover.work, handover.read
        if policy.remote != "placeholders" or all(model.local for model in (work.model, *work.fallbacks)):
            return None
        if screened.verdict.action not in (Action.REDACT, Action.LOCAL_ONLY):
            return None
        spans = self._spans(work, read, policy)
        key = handover.pins.subject or await self.vault.current(None, None)
        number = self.numbers.within(self.vault, key, handover.tenant, handover.pins.conversation)
        names = await named_in(spans, number)
        if names is None:
            return None
        text = written(read, spans[read, "ocr"], names)
        left = self.screener.screen(text, "ocr", policy, handover.pins.policy)
        if left.verdict.action not in (Action.ALLOW, Action.REDACT):
            return None
        known = Known.of(names, work.sampling.response_format)
        pinned = await sealed(self.vault, key, known, handover.tenant, handover.id)
        told = {"action": left.verdict.action, "measure": "", "reason": f"disguised: {screened.verdict.reason}"}
        following = _disguised(work, spans, names, pinned)
        return handover.model_copy(update={"work": following}), Screened(
            left.text, screened.verdict.model_copy(update=told)
        )

    def _spans(self, work: Work, read: str, policy: ScreeningPolicy) -> dict[Text, list[Span]]:
        """What is hidden in what was read; the other messages were screened before."""
        hits, judged, _ = self.screener.found(read, "ocr", policy)
        others: dict[Text, list[Span]] = {
            (message.text, "prompt"): [] for message in work.messages if read not in message.text
        }
        return {**others, (read, "ocr"): list(hidden(read, hits, judged))}


def _disguised(work: Work, spans: dict[Text, list[Span]], names: dict[Value, str], pinned: str) -> Work:
    messages = tuple(
        Message(role=each.role, content=written(each.text, spans.get((each.text, "prompt"), ()), names), name=each.name)
        for each in work.messages
    )
    pins = work.pins.model_copy(update={"placeholders": pinned})
    return work.model_copy(update={"messages": messages, "pins": pins})
