"""What is different for those whose requests were blocked again and again."""

from schemas.screening import Action, Measure, Verdict

WATCHED = ("payload", "injection", "harm")


def stricter(verdict: Verdict) -> Verdict:
    """Under scrutiny, whatever looks like an attack or harm is held for review, also where the policy only notes it or
    the score is below its threshold."""
    if verdict.action is Action.BLOCK or not any(each.category in WATCHED for each in verdict.findings):
        return verdict
    reason = f"review: under scrutiny after repeated blocked requests; {verdict.reason}"
    return verdict.model_copy(update={"action": Action.BLOCK, "measure": Measure.REVIEW.value, "reason": reason})
