"""What routing knows about a model, and how a canary gets its share of the traffic."""

import hashlib
from dataclasses import dataclass

from schemas.registry import ModelVersion
from schemas.work import AdapterPin, ModelPin, Pool


@dataclass(frozen=True)
class ModelCard:
    """One model of the manifest. ``capabilities`` name the request kinds it answers, ``vision`` when it sees
    pictures itself, ``ocr`` when it reads the text in them; ``adapters`` are its versions in the registry's order."""

    name: str
    version: str
    pool: Pool
    local: bool = True
    capabilities: frozenset[str] = frozenset({"chat", "completion"})
    adapters: tuple[ModelVersion, ...] = ()

    def pin(self, sticky: str) -> ModelPin:
        """This model for one conversation, with the adapter version that it falls to."""
        adapter = choose(self.adapters, share(self.name, sticky))
        return ModelPin(name=self.name, version=self.version, pool=self.pool, local=self.local, adapter=adapter)


def share(name: str, sticky: str) -> float:
    """A number in [0, 1) from nothing but its arguments, so every replica agrees; evenly spread over ``sticky``."""
    digest = hashlib.sha256(f"{name}\n{sticky}".encode(errors="replace")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def choose(versions: tuple[ModelVersion, ...], position: float) -> AdapterPin | None:
    """The adapter at ``position`` of [0, 1): the latest live version takes its weight, the one before it its
    own of what is left, and so on; the rest is for the model without an adapter."""
    taken = 0.0
    for version in reversed(versions):
        if version.status == "live":
            taken += version.weight
            if position < taken:
                return version.adapter
    return None
