"""A folder, or an object store, that keeps heads and hashes."""

from pathlib import Path

import pytest

from schemas.errors import AuditDamaged, Unavailable
from streams.audit.folders import Folder, LocalFolder, below, open_folder
from streams.audit.tiles import Kept
from streams.audit.witnesses.store import NEWEST, StoreKeeper, head_path
from tests.streams.audit.witnesses.making import PLACE, Grower, new_keys


@pytest.fixture
def log(tmp_path: Path) -> Grower:
    return Grower(tmp_path / "log", new_keys(tmp_path / "keys"))


@pytest.fixture(params=["", "memory://"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Folder:
    return open_folder(f"{request.param}{tmp_path}/witness")


def test_it_has_what_proves_each_head(log: Grower, folder: Folder) -> None:
    """After outages, too: what it missed comes with the next head."""
    keeper, heads = StoreKeeper("w", folder), []
    for count, told in ((1, True), (299, True), (400, False), (66_000, True)):
        signed, kept = log.grow(count)
        if told:
            keeper.keep(PLACE, signed, kept)
            heads.append(signed)

    there = below(folder, PLACE)
    assert there.names("heads") == sorted(head_path(signed.head).removeprefix("heads/") for signed in heads)
    assert there.read(NEWEST) == heads[-1].note
    for signed in heads:
        assert Kept(there, signed.head.size).root() == signed.head.root


def test_it_does_not_go_back(log: Grower, folder: Folder) -> None:
    keeper = StoreKeeper("w", folder)
    old, old_kept = log.grow(10)
    new, new_kept = log.grow(10)
    keeper.keep(PLACE, new, new_kept)
    keeper.keep(PLACE, new, new_kept)  # again is no harm

    with pytest.raises(AuditDamaged, match="has a head of 20 records, and was given one of 10"):
        keeper.keep(PLACE, old, old_kept)


def test_it_takes_no_other_history(log: Grower, folder: Folder, tmp_path: Path) -> None:
    keeper = StoreKeeper("w", folder)
    keeper.keep(PLACE, *log.grow(10))
    other = Grower(tmp_path / "other", log.keys, fork=b"!")

    with pytest.raises(AuditDamaged, match="another history"):
        keeper.keep(PLACE, *other.grow(20))
    keeper.keep("another/log/0", *other.grow(1))


def test_a_newest_head_that_is_none(log: Grower, folder: Folder) -> None:
    below(folder, PLACE).write(NEWEST, b"junk")

    with pytest.raises(AuditDamaged, match="is none"):
        StoreKeeper("w", folder).keep(PLACE, *log.grow(1))


def test_a_full_disk_is_named_and_mended(log: Grower, tmp_path: Path) -> None:
    """Linux's own full device stands in the place of a file."""
    keeper, place = StoreKeeper("w", LocalFolder(tmp_path / "w")), tmp_path / "w" / PLACE
    keeper.keep(PLACE, *log.grow(1))
    (place / "heads").rename(place / "aside")
    (place / "heads").symlink_to("/dev/full")

    with pytest.raises(Unavailable):
        keeper.keep(PLACE, *log.grow(1))
    (place / "heads").unlink()
    (place / "aside").rename(place / "heads")
    signed, kept = log.grow(1)
    keeper.keep(PLACE, signed, kept)
    assert (place / NEWEST).read_bytes() == signed.note
