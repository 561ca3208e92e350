"""What Redis keeps: small objects as they are, large ones compressed, damaged ones refused."""

import zlib

import pytest

from streams.cache.packing import SMALL, pack, unpack

LARGE_OBJECT = b'{"text":"' + "长文".encode() * SMALL + b'"}'


@pytest.mark.parametrize("value", [b"{}", b'{"text":"\xe4\xbd\xa0\xe5\xa5\xbd"}', LARGE_OBJECT])
def test_what_was_packed_comes_back(value: bytes) -> None:
    assert unpack(pack(value), 10**6) == value


def test_large_objects_take_less_room() -> None:
    assert len(pack(LARGE_OBJECT)) < len(LARGE_OBJECT) / 10


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not zlib",
        pack(LARGE_OBJECT)[:-5],  # cut off
        b"x" + pack(LARGE_OBJECT)[1:5] + b"\0" * 20,  # damaged
        zlib.compress(b"{" + b" " * 2 * 10**6 + b"}"),  # larger than allowed once unpacked
    ],
)
def test_damaged_entries_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="stream"):
        unpack(data, 10**6)
