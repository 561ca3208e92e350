"""Another Kafka that keeps heads."""

from pathlib import Path

import pytest

from infra.broker import ensure_topics
from infra.reader import read_all
from infra.settings import KafkaSettings, WitnessSettings
from schemas.errors import InvalidField, Unavailable
from streams.audit.live import FRONTIER, LiveLog
from streams.audit.witnesses import other_kafka
from streams.audit.witnesses.build import build_witnesses
from streams.audit.witnesses.other_kafka import KafkaKeeper
from tests.conftest import MakeSettings
from tests.streams.audit.witnesses.making import PLACE, Grower, new_keys


async def test_heads_stand_there_as_on_our_own(make_settings: MakeSettings, tmp_path: Path) -> None:
    there = make_settings()
    await ensure_topics(there)
    signed, kept = Grower(tmp_path / "log", new_keys(tmp_path / "keys")).grow(3)
    KafkaKeeper("other", there.kafka).keep(PLACE, signed, kept)

    topic = LiveLog(there.kafka).checkpoints
    (record,) = [record async for record in read_all(there.kafka, [topic])]
    assert (record.key, record.value) == (b"headrace.audit/0", signed.note)
    assert list(record.headers) == [(FRONTIER, b"".join(signed.frontier))]


def test_one_that_is_away_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other_kafka, "TIMEOUT_S", 0.5)
    keeper = KafkaKeeper("other", KafkaSettings(bootstrap="127.0.0.1:1"))
    with pytest.raises(Unavailable, match="did not take a head"):
        keeper.keep(PLACE, *Grower(tmp_path / "log", new_keys(tmp_path / "keys")).grow(1))


@pytest.mark.parametrize("kind", ["kafka", "store", "http"])
def test_settings_that_lack_something_are_refused(kind: str) -> None:
    with pytest.raises(InvalidField, match="w needs"):
        build_witnesses([WitnessSettings.model_validate({"name": "w", "kind": kind})])


def test_all_kinds_are_built(tmp_path: Path) -> None:
    settings = [
        {"name": "a", "kind": "store", "url": str(tmp_path)},
        {"name": "b", "kind": "kafka", "kafka": {"bootstrap": "other:9092"}},
        {"name": "c", "kind": "http", "url": "https://witness.example.com"},
    ]
    cosigners, keepers = build_witnesses([WitnessSettings.model_validate(each) for each in settings])
    assert [each.name for each in cosigners] == ["c"]
    assert [each.name for each in keepers] == ["a", "b"]
