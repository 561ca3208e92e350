"""The learned detectors that the settings choose."""

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from infra.settings import ScreeningSettings
from schemas.errors import BadArtefact
from streams.screening.detector import Hit
from streams.screening.learned.linear import LinearClassifier
from streams.screening.learned.port import Classifier

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).with_name("shipped.safetensors")
KEY = SHIPPED.with_suffix(".key.txt")


class Refused:
    """Stands for a detector that was not loaded: it fails on every text, so the policy says what becomes of those."""

    version = "refused"
    entities: frozenset[str] = frozenset()

    def __init__(self, name: str, error: BadArtefact) -> None:
        self.name, self._error = name, error

    def find(self, segments: Sequence[tuple[int, str]]) -> list[Hit]:
        raise self._error


def classifiers(settings: ScreeningSettings) -> tuple[Classifier, ...]:
    """The detectors, loaded.

    Raises:
        BadArtefact: one is missing, changed, or signed by nobody who is trusted, and the settings do not leave that to
            the policy.
    """
    trusted = frozenset(key.lower() for key in settings.trusted_keys)
    return tuple(_loaded(name, trusted, settings.on_refusal == "policy") for name in settings.artefacts)


def shipped_key() -> str:
    """The public key that the artefact beside this module is signed with, in hexadecimal."""
    return KEY.read_text().strip()


def _loaded(name: str, trusted: frozenset[str], bear: bool) -> Classifier:
    try:
        return _shipped() if name == "shipped" else LinearClassifier.load(Path(name), trusted)
    except BadArtefact as error:
        if not bear:
            raise
        log.error("a learned detector is refused: %s", error.message)
        return Refused(Path(name).stem, error)


@cache
def _shipped() -> LinearClassifier:
    return LinearClassifier.load(SHIPPED, {shipped_key()})
