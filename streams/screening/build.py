"""The screener that the settings ask for."""

from infra.settings import Settings
from streams.screening.learned.selection import classifiers
from streams.screening.screener import Screener


def build_screener(settings: Settings) -> Screener:
    """Raises ``BadArtefact``: a learned detector is not to be trusted, and the settings do not leave that to the
    policy."""
    return Screener(classifiers(settings.screening))
