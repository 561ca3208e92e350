"""What a picture shows, and what policy says of it: looked at before it is stored, so that no model sees it before."""

from collections.abc import Mapping

from schemas.entities import ENTITIES
from schemas.screening import Finding
from workers.vision.port import Watcher

LEAST = 0.25
"""Below this score nothing was seen, whatever the policy says."""


async def shown(watcher: Watcher | None, image: bytes) -> tuple[Finding, ...]:
    """What is seen in a checked picture; nothing where nobody looks. A span of a picture is its whole: ``[0, 0)``.

    Raises:
        InvalidUpload, TooLarge: it cannot be looked at, and so is not taken.
    """
    return found(await watcher.look(image)) if watcher else ()


def found(scores: Mapping[str, float]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            category=ENTITIES[entity].category, entity=entity, start=0, end=0, score=min(score, 1.0), detector="picture"
        )
        for entity, score in sorted(scores.items())
        if score >= LEAST
    )
