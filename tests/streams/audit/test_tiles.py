"""Hashes in files of 256: the tree is that of its leaves, and what is missing or changed there is noticed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.errors import AuditDamaged, Unavailable
from streams.audit.folders import LocalFolder, below, open_folder
from streams.audit.tiles import Kept, Tiles, load_tiles, tile_path
from streams.audit.tree import consistency_proof, inclusion_proof, subtree_of
from streams.audit.verifier.proofs import Frontier, check_consistency, check_inclusion, leaf_hash

COUNT = 256 * 256 + 300
LEAVES = [leaf_hash(b"%d" % number) for number in range(COUNT)]
FLUSHED = (1, 200, 256, 300, 5000, 65_536, COUNT)


def root(size: int) -> bytes:
    tree = Frontier()
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    return tree.root()


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiles that were flushed at several sizes."""
    folder = tmp_path_factory.mktemp("tiles")
    tiles = Tiles(LocalFolder(folder))
    for size in FLUSHED:
        for leaf in LEAVES[tiles.size : size]:
            tiles.append(leaf)
        tiles.flush()
    return folder


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 5, 7, "tile/0/005.p/7"),
        (1, 1234067, 256, "tile/1/x001/x234/067"),
    ],
)
def test_paths_are_those_of_the_specification(level: int, number: int, width: int, path: str) -> None:
    assert tile_path(level, number, width) == path


@pytest.mark.parametrize("size", [1, 2, 200, 255, 256, 257, 511, 5000, 65_535, 65_536, 65_537, COUNT])
def test_the_tree_is_that_of_its_leaves(grown: Path, size: int) -> None:
    """Of every size, not of those alone that were flushed."""
    folder, kept = LocalFolder(grown), Kept(LocalFolder(grown), size)

    assert kept.root() == root(size) == kept.frontier(size).root()
    loaded = load_tiles(folder, size)
    assert loaded.frontier().root() == root(size)
    assert kept.leaves(size - 1, size) == LEAVES[size - 1]


def test_it_goes_on_from_what_is_kept(grown: Path, tmp_path: Path) -> None:
    tiles = load_tiles(LocalFolder(grown), 5000)
    tiles.folder = LocalFolder(tmp_path)
    for leaf in LEAVES[5000:66_000]:
        tiles.append(leaf)

    assert tiles.frontier().root() == root(66_000)


def test_proofs_hold(grown: Path) -> None:
    kept = Kept(LocalFolder(grown), COUNT)
    for index in (0, 255, 256, 40_000, COUNT - 1):
        check_inclusion(LEAVES[index], index, COUNT, inclusion_proof(index, COUNT, kept.subtree), root(COUNT))
    for size in (1, 256, 40_000, COUNT):
        check_consistency(size, COUNT, root(size), root(COUNT), consistency_proof(size, COUNT, kept.subtree))
    small = subtree_of(b"".join(LEAVES[:300]))
    assert inclusion_proof(7, 300, Kept(LocalFolder(grown), 300).subtree) == inclusion_proof(7, 300, small)


def test_few_files_are_left(grown: Path) -> None:
    """Partial tiles go when wider ones are there."""
    partial = [path for path in grown.rglob("*") if path.parent.name.endswith(".p")]
    names = sorted(path.relative_to(grown).as_posix() for path in partial)
    assert names == ["tile/0/257.p/44", "tile/1/001.p/1", "tile/2/000.p/1"]


@pytest.mark.parametrize(
    "harm",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(bytes(32) + path.read_bytes()[32:]),
    ],
)
def test_harm_to_tiles_is_noticed(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    tiles = Tiles(LocalFolder(tmp_path))
    for leaf in LEAVES[:600]:
        tiles.append(leaf)
    tiles.flush()
    harm(tmp_path / "tile/0/000")

    kept = Kept(LocalFolder(tmp_path), 600)
    assert kept.leaves(0, 10) == b""
    with pytest.raises(AuditDamaged):
        kept.tile(0, 0)


def test_a_place_that_takes_nothing_is_told_and_can_be_tried_again(tmp_path: Path) -> None:
    """As when a disk is full."""
    (tmp_path / "tile").write_text("in the way")
    tiles = Tiles(LocalFolder(tmp_path))
    tiles.append(LEAVES[0])
    with pytest.raises(Unavailable):
        tiles.flush()
    (tmp_path / "tile").unlink()
    tiles.flush()

    assert Kept(LocalFolder(tmp_path), 1).root() == root(1)


@pytest.mark.parametrize("scheme", ["", "file://", "memory://"])
def test_folders_behave_alike(tmp_path: Path, scheme: str) -> None:
    folder = below(open_folder(f"{scheme}{tmp_path}/a"), "b")

    assert folder.read("c/d") is None
    assert folder.names("c") == []
    folder.write("c/d", b"1")
    folder.write("c/d", b"2")
    folder.write("c/e", b"3")
    assert folder.read("c/d") == b"2"
    assert folder.names("c") == ["d", "e"]
    folder.drop("c/d")


def test_an_unknown_place() -> None:
    with pytest.raises(Unavailable, match="nowhere"):
        open_folder("nowhere://a")
