"""What routing knows about a request."""

from dataclasses import dataclass
from typing import Literal

import re2

from schemas.requests import Kind, Request
from schemas.screening import Action, Verdict

_DEMANDING = re2.compile(
    r"(?i)```|\n\s*(?:[-*]|[0-9]+[.)、])\s|step by step|prove |compare|analy[sz]e|implement|refactor|write (?:an?|the) "
    r"|证明|推导|分析|比较|对比|实现|重构|一步一步|逐步|写一[篇个段]|总结|翻译以下"
)
"""Signs of a task rather than a question: code, lists, several steps."""


@dataclass(frozen=True)
class Facts:
    """``chars`` counts what was said, without the system's instructions; ``sticky``, the conversation or else the
    request id, keeps canaries stable."""

    kind: Kind
    sticky: str
    model: str | None = None
    tenant: str | None = None
    chars: int = 0
    demanding: bool = False
    image: bool = False
    security: Literal["low", "medium", "high"] = "low"
    local_only: bool = False

    @property
    def local(self) -> bool:
        """Whether only local models may read this."""
        return self.local_only or self.security == "high"


def facts_of(request: Request, request_id: str, tenant: str | None, verdict: Verdict | None) -> Facts:
    """The facts of an admitted and screened request."""
    said = (message.text for message in request.messages if message.role not in ("system", "developer"))
    text = "\n".join([*said, request.prompt or "", *request.input]).strip()
    return Facts(
        kind=request.kind,
        sticky=request.conversation or request_id,
        model=request.model,
        tenant=tenant,
        chars=len(text),
        demanding=_DEMANDING.search(text.encode(errors="replace")) is not None,
        image=bool(request.attachments),
        security=request.security,
        local_only=verdict is not None and verdict.action is Action.LOCAL_ONLY,
    )
