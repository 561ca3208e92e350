import pytest

from streams.screening.personal.mac import MAC

CASES = [
    ("网卡00:1B:44:11:3A:B7离线", ["00:1B:44:11:3A:B7"]),
    ("00-1b-44-11-3a-b7", ["00-1b-44-11-3a-b7"]),
    ("001b.4411.3ab7", ["001b.4411.3ab7"]),
    ("MAC: 001B44113AB7", ["001B44113AB7"]),  # without signs only beside its name
    ("001B44113AB7", []),
    ("ff:ff:ff:ff:ff:ff", []),  # broadcast
    ("00:1B:44:11:3A", []),
    ("00:1B:44:11:3A:B7:22", []),
    ("00:1B-44:11:3A:B7", []),  # mixed signs
    ("12:30:45", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in MAC.find(text)] == found
