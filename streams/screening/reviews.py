"""Texts that wait until a person has looked, and what was decided about them.

What is to be looked at is sealed as content in the audit is. What is released is sent back into the platform where it
was held, which lets exactly that content of that tenant through, and nothing else under its id.
"""

from collections import OrderedDict
from hashlib import sha256
from typing import NamedTuple

from infra.broker import Publisher, Record
from infra.reader import Follower
from infra.settings import Settings
from infra.signing import SIGNATURE
from infra.topics import Names
from infra.vault.vault import Vault
from schemas.cloudevents import Header, header
from schemas.errors import KeyErased, Unavailable
from schemas.screened import Review
from schemas.screening import Action, Direction, Measure, Verdict
from streams.deadletter.box import REDRIVEN, redriven
from streams.erasure.content import MOST
from streams.outbox import base_id

REVIEWED = "headrace-reviewed"
REMEMBERED = 10_000


def is_held(verdict: Verdict | None) -> bool:
    return verdict is not None and verdict.ordered is Measure.REVIEW and verdict.action is Action.BLOCK


class Held(NamedTuple):
    """What is held back: whose, under which id, the digest of its content, and which way it goes."""

    tenant: str | None
    id: str
    digest: str
    direction: Direction = "prompt"


def digest_of(text: str) -> str:
    """That of a text which is held for itself; a request has its own."""
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


class Decisions:
    """What reviewers released, live: ``apply`` takes each record of ``reviews``."""

    def __init__(self) -> None:
        self._released: OrderedDict[tuple[str | None, str, Direction], str] = OrderedDict()

    def apply(self, review: Review) -> None:
        """The last decision about an id is right. That it waits may be said again after one."""
        name = (review.tenant, base_id(review.id), review.direction)
        if review.status == "refused":
            self._released.pop(name, None)
        elif review.status == "released":
            self._released[name] = review.digest
            while len(self._released) > REMEMBERED:
                self._released.popitem(last=False)

    def released(self, tenant: str | None, request_id: str, digest: str, direction: Direction = "prompt") -> bool:
        """Whether a person let this content through."""
        return self._released.get((tenant, base_id(request_id), direction)) == digest

    def passed(self, verdict: Verdict, record: Record, content: Held) -> Verdict:
        """The verdict on what is held, as a person decided.

        Raises:
            Unavailable: somebody did, and it is not known here yet.
        """
        if self.released(*content):
            return verdict.model_copy(update={"action": Action.ALLOW, "reason": f"released: {verdict.reason}"})
        if header(record.headers, REVIEWED):
            raise Unavailable("what the reviewer decided is not known here yet")
        return verdict

    def follower(self, settings: Settings, client_id: str) -> Follower:
        def apply(record: Record) -> None:
            if record.value:
                self.apply(Review.model_validate_json(record.value))

        topics = [Names(settings.kafka)("reviews")]
        return Follower(settings.kafka, topics, apply, since="earliest", client_id=client_id)


async def held(vault: Vault | None, text: str, verdict: Verdict, who: str | None, **about: object) -> Review:
    """The review of what was asked or answered; ``about`` are the event's other fields, ``who`` names the subject
    where none has a data key yet."""
    said = {"policy": verdict.policy, "level": verdict.level, "reason": verdict.reason[:300]}
    return await _sealed(vault, Review.model_validate({**said, **about}), text[:MOST], who)


async def _sealed(vault: Vault | None, review: Review, text: str, who: str | None) -> Review:
    if vault is None:
        return review
    subject = review.subject or await vault.current(review.tenant, who)
    try:
        sealed = await vault.seal_text(subject, text, review.id)
    except KeyErased:
        return review
    return review.model_copy(update={"subject": subject, "sealed": sealed})


async def send_back(record: Record, review: Review, publisher: Publisher) -> None:
    """Put the original bytes of what is released back where they came from, marked as reviewed, and with its id where
    that was made from its place on the log."""
    kept: list[Header] = [item for item in record.headers if item[0] not in (REDRIVEN, REVIEWED)]
    marks: list[Header] = [(REDRIVEN, str(redriven(record) + 1).encode()), (REVIEWED, review.id.encode())]
    if not any(header(record.headers, each) for each in ("ce_id", SIGNATURE)):
        marks.append(("ce_id", base_id(review.id).encode()))
    await publisher.publish(record.topic, record.at_rest or record.value, key=record.key, headers=[*kept, *marks])
