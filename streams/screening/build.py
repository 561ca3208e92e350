"""The screener that the settings ask for."""

from infra.settings import Settings
from streams.screening.learned.model import ModelClassifier
from streams.screening.learned.selection import classifiers
from streams.screening.screener import Screener


def build_screener(settings: Settings, remembered: int = 0) -> Screener:
    """The screener with all learned detectors, loaded, that remembers so many texts.

    Raises:
        BadArtefact: one is not to be trusted, and the settings do not leave that to the policy.
        InvalidField, ModelNotFound, ModelNotAvailable: a model of the manifest cannot be one.
    """
    models = (ModelClassifier.load(name, labels, settings) for name, labels in settings.screening.models.items())
    return Screener((*classifiers(settings.screening), *models), remembered)
