"""Why a text is treated as it is: each finding with its place, and the line of the policy that decided."""

from dataclasses import dataclass

from schemas.policies import PolicyDocument
from schemas.screening import Direction, Finding, Verdict
from streams.redaction.masks import masked as mask
from streams.screening.detector import Rules
from streams.screening.language import language_of
from streams.screening.rulebook import Rulebook
from streams.screening.scan import Asked, Scan
from streams.screening.screener import Screener

AROUND = 24
"""Characters shown on each side of a finding."""
LONGEST = 120


@dataclass(frozen=True)
class Reason:
    """What the policy says of one finding. ``line`` is where in the document, empty when it says nothing of it."""

    finding: Finding
    marked: str
    line: str
    measure: str
    threshold: float
    flag: float | None = None
    rule: str = ""
    """The pattern that found it as it stands; empty when no pattern did: a classifier, or what was hidden."""

    @property
    def sentence(self) -> str:
        if not self.line:
            return "the policy says nothing of it: allow"
        if self.finding.score < self.threshold:
            said = f"{self.line} says {self.measure} from a score of {self.threshold:g}"
            doubted = self.flag is not None and self.finding.score >= self.flag
            return f"{said} and flag from {self.flag:g}: flag" if doubted else f"{said}: allow"
        return f"{self.line} says {self.measure}"


def explained(
    text: str,
    direction: Direction,
    document: PolicyDocument,
    tenant: str | None,
    screener: Screener | None = None,
    *,
    masked: bool = False,
) -> tuple[Verdict, list[Reason]]:
    """The verdict and why; ``masked`` shows the form of what was found and nothing beside it, as is fit for a log."""
    verdict = Scan(document, tenant, screener).verdict(Asked("", text, direction))
    policy, reasons = document.for_tenant(tenant).screening, []
    for finding in verdict.findings:
        name, treatment = policy.line(direction, finding.entity), policy.treatment(direction, finding.entity)
        line = f"screening.actions.{direction}.{name}" if name else ""
        if treatment.languages and direction != "output":
            language = language_of(text)
            line, treatment = f"{line}, in {language},", treatment.within(language)
        rule = _rule(text, finding, Rulebook(policy))
        shown = _form(text, finding) if masked else marked(text, finding)
        reasons.append(Reason(finding, shown, line, treatment.action.value, treatment.threshold, treatment.flag, rule))
    return verdict, reasons


def _rule(text: str, finding: Finding, book: Rulebook) -> str:
    """The first rule of the detector that finds just this span, up to ``LONGEST`` characters of its pattern."""
    for detector, rule in book.all.rules:
        if detector == finding.detector and rule.entity == finding.entity:
            spans = {(each.start, each.end) for each in Rules(detector, (rule,)).find(text)}
            if (finding.start, finding.end) in spans:
                return rule.pattern if len(rule.pattern) <= LONGEST else f"{rule.pattern[:LONGEST]}…"
    return ""


def _form(text: str, finding: Finding) -> str:
    return f"⟦{mask(finding.entity, text[finding.start : finding.end])}⟧"


def marked(text: str, finding: Finding) -> str:
    """The finding between its neighbours, as in ``…call ⟦13800138000⟧ now``."""
    before, found, after = (
        text[max(0, finding.start - AROUND) : finding.start],
        text[finding.start : finding.end],
        text[finding.end : finding.end + AROUND],
    )
    if len(found) > LONGEST:
        found = f"{found[: LONGEST // 2]}…{found[-LONGEST // 2 :]}"
    first, last = "…" if finding.start > AROUND else "", "…" if finding.end + AROUND < len(text) else ""
    return f"{first}{before}⟦{found}⟧{after}{last}"
