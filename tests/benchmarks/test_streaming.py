import pytest

from benchmarks.streaming import pieces, waited


@pytest.mark.parametrize(
    ("cut", "left", "waits"),
    [
        (["ab", "c", "d"], [2, 1, 1], [0, 0, 0]),
        (["ab", "c", "d"], [0, 2, 2], [1, 1, 0]),
        (["ab", "c", "d"], [0, 0, 4], [2, 1, 0]),
        (["ab", "c", "d"], [1, 2, 1], [1, 0, 0]),  # half of a piece has not left
        (["ab", "c"], [0, 9], [1, 0]),  # a redacted text may be longer
    ],
)
def test_how_long_pieces_wait(cut: list[str], left: list[int], waits: list[int]) -> None:
    assert list(waited(cut, left)) == waits


def test_pieces_are_the_whole_text() -> None:
    text = "Hello there, 你好世界！ 12345 \n\n end"
    assert "".join(pieces(text)) == text
    assert len(pieces(text)) > 10
