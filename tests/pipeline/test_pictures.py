"""What pictures show is judged by policy before anything else sees them, however they come."""

import asyncio
import importlib.util
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from schemas.responses import Response
from streams.cli.reviewing import _current, _release
from tests.pipeline.conftest import Start
from tests.pipeline.deployment import Platform, page

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform(start: Start) -> AsyncIterator[Platform]:
    async with start(screening={"pictures": True}) as running:
        yield running


def portrait() -> str:
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None
    folder = Path(next(iter(spec.submodule_search_locations or ())))
    return b64encode((folder / "mpl-data" / "sample_data" / "grace_hopper.jpg").read_bytes()).decode()


async def asked(platform: Platform, way: str, picture: str, kind: str) -> Response:
    """An answer to a picture that came as an upload, in a question, or as an upload that a question names."""
    if way == "inline":
        part: dict[str, Any] = {"type": "image_url", "image_url": {"url": f"data:image/{kind};base64,{picture}"}}
    else:
        source = await platform.publish("uploads", {"name": f"it.{kind}", "data": picture})
        answer = await platform.answer(source)
        if way == "upload":
            return answer
        assert answer.file is not None
        part = {"type": "file", "file": {"file_id": answer.file.file_id}}
    return await platform.ask(messages=[{"role": "user", "content": [{"type": "text", "text": "What is it?"}, part]}])


@pytest.mark.parametrize("way", ["upload", "inline", "named"])
async def test_a_face_is_flagged_and_told_in_the_audit(platform: Platform, way: str) -> None:
    response = await asked(platform, way, portrait(), "jpeg")
    assert response.status == "completed"
    (admission, *_) = platform.audit(response.id)
    assert any(each.code == "flag: 1 FACE" for each in admission.decisions)


@pytest.mark.parametrize("way", ["upload", "inline"])
async def test_what_policy_blocks_goes_no_further(platform: Platform, way: str) -> None:
    await platform.set_policy(screening={"actions": {"image": {"FACE": "block"}}})
    response = await asked(platform, way, portrait(), "jpeg")
    assert response.error is not None
    assert (response.status, response.error.code) == ("blocked", "content_blocked")
    plain = await asked(platform, way, page("nobody"), "png")
    assert plain.status == "completed"


@pytest.mark.parametrize("way", ["upload", "inline"])
async def test_what_a_person_released_goes_its_way_again(platform: Platform, way: str) -> None:
    await platform.set_policy(screening={"actions": {"image": {"FACE": "review"}}})
    held = await asked(platform, way, portrait(), "jpeg")
    assert held.status == "blocked"
    async with asyncio.timeout(10):
        while held.id not in await _current(platform.settings):
            await asyncio.sleep(0.1)
    await _release(platform.settings, held.id, "she agreed")
    answer = await platform.answer(id=f"{held.id}#r1")
    assert (answer.status, answer.of) == ("completed", held.id)
