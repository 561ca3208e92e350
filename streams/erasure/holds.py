"""What the topic of erasures says so far: it has one partition, so what stands there is in one order for all."""

from dataclasses import dataclass, field

from pydantic import ValidationError

from infra.reader import read_all
from infra.settings import KafkaSettings
from infra.topics import Names
from schemas.erasure import ERASURE_EVENT, Component, Erasure, Hold, Purged, Refused


@dataclass
class History:
    """Holds that stand, by subject; erasures by id; and who confirmed which."""

    holds: dict[str, Hold] = field(default_factory=dict)
    erasures: dict[str, Erasure] = field(default_factory=dict)
    confirmed: dict[str, dict[Component, Purged]] = field(default_factory=dict)
    refused: dict[str, Refused] = field(default_factory=dict)

    def add(self, event: Erasure | Purged | Refused | Hold) -> None:
        match event:
            case Hold(released=True):
                self.holds.pop(event.subject, None)
            case Hold():
                self.holds[event.subject] = event
            case Erasure():
                self.erasures[event.id] = event
            case Purged():
                self.confirmed.setdefault(event.erasure, {})[event.component] = event
            case Refused():
                self.refused[event.erasure] = event

    def missing(self, erasure: Erasure) -> list[Component]:
        """The components that have not confirmed it."""
        return [each for each in erasure.components if each not in self.confirmed.get(erasure.id, {})]

    def unfinished(self, subject: str) -> Erasure | None:
        """An erasure of the subject that is under way."""
        for erasure in self.erasures.values():
            if erasure.subject == subject and erasure.id not in self.refused and self.missing(erasure):
                return erasure
        return None


async def history(kafka: KafkaSettings, before: int | None = None) -> History:
    """The topic up to its end, holds up to the offset ``before`` only."""
    found = History()
    async for record in read_all(kafka, [Names(kafka)("erasures")]):
        try:
            event = ERASURE_EVENT.validate_json(record.value or b"")
        except ValidationError:
            continue
        if before is None or record.offset < before or not isinstance(event, Hold):
            found.add(event)
    return found
