import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from pydantic import SecretStr

from infra.objects import ObjectStore
from infra.settings import ObjectSettings, Settings
from schemas.base import Digest
from schemas.errors import HeadraceError, InternalError, InvalidUpload, NotFound, TooLarge, Unavailable
from schemas.work import Attachment

DATA = "发票 invoice".encode()


@pytest.fixture(params=["local", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """The rules are the same on a disk and on any other file system."""
    url = "" if request.param == "local" else f"memory://{uuid4().hex}"
    return ObjectStore(Settings(state=tmp_path / "state", objects=ObjectSettings(url=url)))


def local(tmp_path: Path) -> ObjectStore:
    return ObjectStore(Settings(state=tmp_path))


def attachment(file_id: str, sha256: Digest = "0" * 64) -> Attachment:
    return Attachment(
        file_id=file_id, uri="objects/00/0", sha256=sha256, media_type="image/png", bytes=1, name="票.png"
    )


@pytest.mark.parametrize("data", [DATA, b"", bytes(2**20)])
def test_bytes_come_back_by_their_digest(store: ObjectStore, data: bytes) -> None:
    digest = sha256(data).hexdigest()
    assert store.put(data) == store.put(data) == (f"objects/{digest[:2]}/{digest}", digest)
    assert store.get(f"objects/{digest[:2]}/{digest}", digest, len(data)) == data


GOOD = sha256(DATA).hexdigest()
URI = f"objects/{GOOD[:2]}/{GOOD}"


@pytest.mark.parametrize(
    ("uri", "digest", "limit", "error"),
    [
        (URI, GOOD, len(DATA) - 1, TooLarge),  # a byte too many
        (URI, "0" * 64, 100, InvalidUpload),  # another digest than the bytes have
        (f"objects/00/{'0' * 64}", "0" * 64, 100, NotFound),  # never stored
        (f"objects/00/{GOOD}", GOOD, 100, InvalidUpload),  # in another folder than its own
        ("objects/../../etc/passwd", GOOD, 100, InvalidUpload),  # out of the store
        (f"objects/{GOOD[:2]}/../{GOOD[:2]}/{GOOD}", GOOD, 100, InvalidUpload),
        (f"/{URI}", GOOD, 100, InvalidUpload),  # absolute
        (f"file:///{URI}", GOOD, 100, InvalidUpload),  # another file system
        (f"{URI}\n", GOOD, 100, InvalidUpload),  # a line break
        (URI.upper(), GOOD, 100, InvalidUpload),  # another spelling
        ("files/acme/f1.json", GOOD, 100, InvalidUpload),  # a record is no object
        ("", GOOD, 100, InvalidUpload),
    ],
)
def test_what_is_not_that_object_is_refused(
    store: ObjectStore, uri: str, digest: str, limit: int, error: type[HeadraceError]
) -> None:
    store.put(DATA)
    with pytest.raises(error) as caught:
        store.get(uri, digest, limit)
    assert type(caught.value) is error


def test_a_changed_object_is_seen(tmp_path: Path) -> None:
    store = local(tmp_path)
    uri, digest = store.put(DATA)
    (tmp_path / "objects" / uri).write_bytes(DATA[:-1] + b"X")
    with pytest.raises(InvalidUpload):
        store.get(uri, digest, 100)


def test_writing_at_once_leaves_one_whole_object(tmp_path: Path) -> None:
    store = local(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(store.put, [bytes(2**20)] * 16))) == 1
    assert len([path for path in (tmp_path / "objects").rglob("*") if path.is_file()]) == 1


def test_a_record_is_kept_replaced_listed_and_forgotten(store: ObjectStore) -> None:
    assert store.list_records("acme", Attachment) == []
    first, second, later = attachment("f1"), attachment("f2"), attachment("f1", "1" * 64)
    for record in (second, first, later):
        store.put_record("acme", record.file_id, record)
    store.put_record("other", "f3", attachment("f3"))
    assert store.get_record("acme", "f1", Attachment) == later
    assert store.list_records("acme", Attachment) == [later, second]
    store.delete_record("acme", "f1")
    assert store.list_records("acme", Attachment) == [second]
    for call in (
        lambda: store.get_record("acme", "f1", Attachment),
        lambda: store.delete_record("acme", "f1"),
        lambda: store.get_record("other", "f2", Attachment),
    ):
        with pytest.raises(NotFound):
            call()


def test_a_damaged_record_is_ours_to_answer_for(tmp_path: Path) -> None:
    store = local(tmp_path)
    store.put_record("acme", "f1", attachment("f1"))
    (tmp_path / "objects" / "files" / "acme" / "f1.json").write_text("{")
    with pytest.raises(InternalError):
        store.get_record("acme", "f1", Attachment)
    with pytest.raises(InternalError):
        store.list_records("acme", Attachment)


@pytest.mark.parametrize(
    ("tenant", "file_id"),
    [
        ("acme", "../other/f1"),  # another tenant's
        ("acme", ".."),
        ("acme", "f1/../../../x"),
        ("acme", "f1\0"),
        ("acme", "*"),  # a pattern
        ("acme", ""),
        ("..", "f1"),
        ("acme/..", "f1"),
        ("", "f1"),
        ("A", "f1"),
    ],
)
def test_names_lead_nowhere_else(store: ObjectStore, tenant: str, file_id: str) -> None:
    store.put_record("other", "f1", attachment("f1"))
    calls: list[Callable[[], object]] = [
        lambda: store.put_record(tenant, file_id, attachment("f1")),
        lambda: store.get_record(tenant, file_id, Attachment),
        lambda: store.delete_record(tenant, file_id),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()


def adapter(directory: Path) -> Path:
    (directory / "deep").mkdir(parents=True)
    (directory / "adapter_config.json").write_text('{"r": 8}')
    (directory / "adapter_model.safetensors").write_bytes(bytes(1000))
    (directory / "deep" / "part-1.safetensors").write_bytes(b"deep")
    return directory


def test_a_directory_comes_back_as_it_was(store: ObjectStore, tmp_path: Path) -> None:
    source, into = adapter(tmp_path / "source"), tmp_path / "into"
    uri, digest = store.put_tree(source)
    assert (uri, digest) == store.put_tree(adapter(tmp_path / "again"))
    for _ in range(2):
        store.get_tree(uri, digest, into)
        files = {path.relative_to(into).as_posix(): path.read_bytes() for path in into.rglob("*") if path.is_file()}
        assert files == {
            "adapter_config.json": b'{"r": 8}',
            "adapter_model.safetensors": bytes(1000),
            "deep/part-1.safetensors": b"deep",
        }
        (into / "stray.json").write_text("{}")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_processes_that_fetch_the_same_directory_do_not_disturb_each_other(tmp_path: Path) -> None:
    store, into = local(tmp_path), tmp_path / "into"
    uri, digest = store.put_tree(adapter(tmp_path / "source"))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: store.get_tree(uri, digest, into), range(32))) == [None] * 32
    assert len([path for path in into.rglob("*") if path.is_file()]) == 3


@pytest.mark.parametrize("name", ["model.bin", "weights.pkl", "run.py", ".hidden.json", "with space.json", "json"])
def test_only_tensors_and_json_are_taken(tmp_path: Path, name: str) -> None:
    (adapter(tmp_path / "source") / name).write_bytes(b"x")
    with pytest.raises(InvalidUpload, match=r"safetensors and \.json"):
        local(tmp_path).put_tree(tmp_path / "source")


def test_neither_a_link_nor_an_empty_directory_is_taken(tmp_path: Path) -> None:
    source = adapter(tmp_path / "source")
    os.symlink("/etc/passwd", source / "link.json")
    with pytest.raises(InvalidUpload):
        local(tmp_path).put_tree(source)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidUpload):
        local(tmp_path).put_tree(tmp_path / "empty")


@pytest.mark.parametrize(
    "listing",
    [
        '{"files": {"../evil.json": "%s"}}',  # out of the directory
        '{"files": {"a/../../evil.json": "%s"}}',
        '{"files": {"/tmp/evil.json": "%s"}}',
        '{"files": {"evil.py": "%s"}}',  # another type
        '{"files": {"evil.json": "../../x"}}',  # no digest
        '{"files": {}}',
        '{"files": {"a.json": "%s"}, "more": 1}',
        "not JSON",
    ],
)
def test_a_forged_list_writes_nothing(tmp_path: Path, listing: str) -> None:
    store = local(tmp_path)
    _, digest = store.put(b"{}")
    uri, tree = store.put(listing.replace("%s", digest).encode())
    with pytest.raises(InvalidUpload):
        store.get_tree(uri, tree, tmp_path / "into" / "adapter")
    assert not (tmp_path / "into").exists()
    assert not list(tmp_path.rglob("evil*"))


def test_a_missing_file_leaves_what_was_there(tmp_path: Path) -> None:
    store, into = local(tmp_path), tmp_path / "into"
    into.mkdir()
    (into / "old.json").write_text("{}")
    uri, digest = store.put_tree(adapter(tmp_path / "source"))
    part = sha256(b"deep").hexdigest()
    (tmp_path / "objects" / "objects" / part[:2] / part).unlink()
    with pytest.raises(NotFound):
        store.get_tree(uri, digest, into)
    assert [path.name for path in into.iterdir()] == ["old.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["into", "objects", "source"]


def test_a_store_that_cannot_be_written_is_unavailable_and_its_secrets_stay_hidden(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file is in the way")
    with pytest.raises(Unavailable, match="HEADRACE_OBJECTS"):
        local(tmp_path).put(DATA)
    hidden = ObjectSettings(url="nowhere://bucket", options={"secret": SecretStr("hush")})
    assert "hush" not in repr(hidden)
    with pytest.raises(Unavailable) as caught:
        ObjectStore(Settings(objects=hidden))
    assert "hush" not in caught.value.message


def test_options_reach_the_file_system(tmp_path: Path) -> None:
    """The secrets of S3 and others; here an option that a disk knows."""
    settings = Settings(
        objects=ObjectSettings(url=f"file://{tmp_path}/store", options={"auto_mkdir": SecretStr("yes")})
    )
    ObjectStore(settings).put(DATA)
    assert fsspec.filesystem("file").exists(f"{tmp_path}/store/{URI}")
