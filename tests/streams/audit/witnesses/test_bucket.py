"""A bucket with object lock, of a real S3 server: what was kept there can be hidden, and is found all the same."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

from infra.settings import WitnessSettings
from schemas.base import now
from schemas.errors import InvalidField, Unavailable
from streams.audit.folders import Folder, open_folder
from streams.audit.live import Published
from streams.audit.verification import Verification
from streams.audit.verifier.log import Entry
from streams.audit.verifier.trust import Trust
from streams.audit.witnesses.build import build_witnesses
from streams.audit.witnesses.store import StoreKeeper
from streams.cli.verifying import witnessed
from tests.streams.audit.witnesses.making import PLACE, Grower, new_keys

TOPIC = "headrace.audit"


@dataclass(frozen=True)
class Bucket:
    """A bucket as who owns it sees it, and as the log's writer does."""

    client: Any
    options: dict[str, str]
    name: str

    def folder(self, lock_days: int = 0) -> Folder:
        return open_folder(f"s3://{self.name}/audit", self.options, lock_days)

    def versions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.list_object_versions(Bucket=self.name)["Versions"]
        return found


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str) -> Iterator[Bucket]:
    login = {"aws_access_key_id": "writer", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=endpoint, **login)
    name = f"locked-{token_hex(4)}"
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    yield Bucket(client, {"key": "writer", "secret": "secret", "endpoint_url": endpoint}, name)
    client.close()


@dataclass(frozen=True)
class Shown:
    """A log as its operator shows it."""

    grower: Grower
    notes: list[bytes]

    def partitions(self) -> list[int]:
        return [0]

    def topic_id(self) -> str:
        return "topic"

    def bounds(self, partition: int) -> tuple[int, int]:
        return 0, self.grower.notary.size

    def entries(self, partition: int, start: int, stop: int, *, signatures: bool) -> Iterator[list[Entry]]:
        yield [self.grower.entry(offset) for offset in range(start, stop)]

    def heads(self, partition: int) -> list[Published]:
        return [Published(note, (), "shown") for note in self.notes]


def test_a_history_that_was_signed_anew_is_found(bucket: Bucket, tmp_path: Path) -> None:
    """The operator has the signing keys and may write to the bucket: everything is rewritten, and fits."""
    honest = Grower(tmp_path / "log", new_keys(tmp_path / "keys"))
    other = Grower(tmp_path / "other", honest.keys, fork=b"!")
    trust = Trust(tuple(key.public for key in honest.keys.all()))
    place = f"{honest.keys.log}/{TOPIC}/0"
    kept, hashes = honest.grow(20)
    StoreKeeper("w", bucket.folder()).keep(place, kept, hashes)
    forged, _ = other.grow(20)
    (name,) = (each["Key"] for each in bucket.versions() if "/heads/" in each["Key"])

    def verdict(log: Shown) -> list[str]:
        check = Verification(log, TOPIC, trust, now(), lambda each: witnessed(bucket.folder(), trust, TOPIC, each))
        return [str(damage.kind) for damage in check(0).damage]

    assert verdict(Shown(honest, [kept.note])) == []
    bucket.client.put_object(Bucket=bucket.name, Key=name, Body=forged.note)
    assert "forked" in verdict(Shown(other, [forged.note]))
    bucket.client.delete_object(Bucket=bucket.name, Key=name)
    assert bucket.folder().names(f"{place}/heads") == []
    assert "forked" in verdict(Shown(other, [forged.note]))
    assert [note for _, note in bucket.folder().history(f"{place}/heads")] == [kept.note, forged.note]


@pytest.mark.parametrize("lock_days", [0, 30])
def test_what_is_locked_cannot_be_taken_back(bucket: Bucket, lock_days: int) -> None:
    bucket.folder(lock_days).write("checkpoint", b"head")
    (version,) = bucket.versions()
    place = {"Bucket": bucket.name, "Key": version["Key"], "VersionId": version["VersionId"]}

    if not lock_days:  # the bucket has no rule of its own here
        bucket.client.delete_object(**place)
        assert bucket.folder().read("checkpoint") is None
        return
    with pytest.raises(ClientError, match="AccessDenied"):
        bucket.client.delete_object(**place)
    with pytest.raises(ClientError, match="AccessDenied"):
        bucket.client.delete_object(**place, BypassGovernanceRetention=True)
    assert bucket.folder().read("checkpoint") == b"head"


def test_a_bucket_that_is_not_there_is_told(bucket: Bucket) -> None:
    with pytest.raises(Unavailable):
        open_folder("s3://nowhere/audit", bucket.options).write("checkpoint", b"head")


def test_only_a_bucket_has_locks(tmp_path: Path) -> None:
    witness = WitnessSettings(name="w", kind="store", url=str(tmp_path), lock_days=1)
    with pytest.raises(InvalidField, match="only a bucket of S3 has locks"):
        build_witnesses([witness])


def test_the_lock_comes_from_the_settings(bucket: Bucket, tmp_path: Path) -> None:
    witness = WitnessSettings(
        name="w", kind="store", url=f"s3://{bucket.name}/audit", options=bucket.options, lock_days=7
    )
    _, (keeper,) = build_witnesses([witness])
    keeper.keep(PLACE, *Grower(tmp_path / "log", new_keys(tmp_path / "keys")).grow(3))

    for version in bucket.versions():
        where = {"Bucket": bucket.name, "Key": version["Key"], "VersionId": version["VersionId"]}
        until = bucket.client.head_object(**where)["ObjectLockRetainUntilDate"]
        assert timedelta(days=6) < until - now() < timedelta(days=8)
