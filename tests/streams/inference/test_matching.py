from pathlib import Path
from typing import Any

import pytest

from infra.objects import ObjectStore
from infra.settings import LimitSettings, Settings
from schemas.errors import NotFound
from schemas.work import Attachment
from streams.inference.matching import Matching
from tests.streams.making import work
from workers.vision.doubles import DigestMatcher


def attachment(objects: ObjectStore, data: bytes) -> Attachment:
    uri, sha256 = objects.put(data)
    return Attachment(file_id="f1", uri=uri, sha256=sha256, media_type="image/png", bytes=len(data))


async def run(objects: ObjectStore, **fields: Any) -> Any:
    [end] = [each async for each in Matching(DigestMatcher(), objects, LimitSettings()).run(work(**fields))]
    return end


async def test_the_label_that_fits_best(tmp_path: Path) -> None:
    objects = ObjectStore(Settings(state=tmp_path))
    pictures = (attachment(objects, "猫".encode()),)  # to the double it looks like its own name
    end = await run(objects, kind="classify", labels=("dog", "猫", "car"), attachments=pictures)
    assert end.text == "猫"
    assert set(end.scores) == {"dog", "猫", "car"}
    assert sum(end.scores.values()) == pytest.approx(1)


async def test_a_vector_for_each_picture(tmp_path: Path) -> None:
    objects = ObjectStore(Settings(state=tmp_path))
    pictures = (attachment(objects, b"one"), attachment(objects, b"two"), attachment(objects, b"one"))
    first, second, again = (await run(objects, kind="embedding", attachments=pictures)).embeddings
    assert first == again != second


async def test_a_picture_that_is_gone(tmp_path: Path) -> None:
    objects = ObjectStore(Settings(state=tmp_path))
    gone = Attachment(file_id="f1", uri=f"objects/00/{'0' * 64}", sha256="0" * 64, media_type="image/png", bytes=1)
    with pytest.raises(NotFound):
        await run(objects, kind="classify", labels=("a",), attachments=(gone,))
