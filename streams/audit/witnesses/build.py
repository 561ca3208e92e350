"""Witnesses by the settings."""

from collections.abc import Sequence

from infra.settings import Settings, WitnessSettings
from schemas.errors import InvalidField
from streams.audit.folders import Folder, open_folder
from streams.audit.witnesses.cosigner import HttpCosigner
from streams.audit.witnesses.other_kafka import KafkaKeeper
from streams.audit.witnesses.port import Cosigner, Keeper
from streams.audit.witnesses.store import StoreKeeper


def build_witnesses(settings: Sequence[WitnessSettings]) -> tuple[list[Cosigner], list[Keeper]]:
    """Raises ``InvalidField`` for one that lacks what its kind needs."""
    return [_cosigner(each) for each in settings if each.kind == "http"], [
        _keeper(each) for each in settings if each.kind != "http"
    ]


def _cosigner(settings: WitnessSettings) -> Cosigner:
    return HttpCosigner(settings.name, settings.url)


def _keeper(settings: WitnessSettings) -> Keeper:
    if settings.kind == "kafka":
        if settings.kafka is None:
            raise InvalidField(f"the witness {settings.name} needs the settings of its Kafka", param="audit.witnesses")
        return KafkaKeeper(settings.name, settings.kafka)
    return StoreKeeper(settings.name, _folder(settings))


def stores_of(settings: Settings) -> list[Folder]:
    """Where the settings have heads kept as files."""
    return [_folder(each) for each in settings.audit.witnesses if each.kind == "store"]


def _folder(settings: WitnessSettings) -> Folder:
    if not settings.url:
        raise InvalidField(f"the witness {settings.name} needs a url", param="audit.witnesses")
    options = {name: secret.get_secret_value() for name, secret in settings.options.items()}
    return open_folder(settings.url, options, settings.lock_days)
