import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.metrics import Metrics
from infra.objects import ObjectStore
from infra.settings import Settings
from schemas.errors import InvalidUpload, ModelNotAvailable
from schemas.results import Final
from schemas.work import AdapterPin, ModelPin
from streams.inference import models as module
from streams.inference.models import LoadedModels
from streams.inference.reading import ReadingPictures
from streams.inference.runners import Embedding, Generating
from tests.streams.making import pins, work
from workers.models.manifest import Manifest

MANIFEST = Manifest.model_validate(
    {
        "models": {
            "echo": {"engine": "echo"},
            "vectors": {"engine": "hash-embedding", "options": {"dimensions": 8}},
            "reader": {"engine": "ocr"},
        }
    }
)


def models(tmp_path: Path, *pools: str) -> LoadedModels:
    settings = Settings(state=tmp_path)
    return LoadedModels(settings, MANIFEST, pools, ObjectStore(settings), Metrics())


def pinned(name: str, **fields: Any) -> Any:
    entry = MANIFEST.entry(name)
    pin = ModelPin(name=name, version=fields.pop("version", entry.version), pool=entry.pool)
    return work(model=pin, **fields)


def test_a_worker_has_the_models_of_its_pools(tmp_path: Path) -> None:
    assert models(tmp_path, "text", "embed").names == ["echo", "vectors"]
    assert models(tmp_path, "speech").names == []


async def test_a_model_is_loaded_once(tmp_path: Path) -> None:
    loaded = models(tmp_path, "text", "embed")
    echo = await loaded.get(pinned("echo"))
    assert isinstance(echo, Generating)
    assert await loaded.get(pinned("echo")) is echo


async def test_they_are_ready_when_all_are_and_stop_together(tmp_path: Path) -> None:
    loaded = models(tmp_path, "text", "embed")
    assert (loaded.ready, loaded.slots("text")) == (False, 0)
    for name in loaded.names:
        await loaded.load(name)
    assert (loaded.ready, loaded.slots("text")) == (True, 64)
    await loaded.stop()
    assert loaded.slots("text") == 0


async def test_an_engine_in_this_process_is_watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "needs_files", lambda entry: True)
    monkeypatch.setattr(module, "fetch", lambda entry, state: tmp_path)
    loaded = models(tmp_path, "text")
    await loaded.get(pinned("echo"))
    [watched] = loaded._supervised
    assert (loaded.ready, watched.ready) == (True, True)
    await loaded.stop()
    assert not watched.ready


@pytest.mark.parametrize(
    "asked",
    [
        pinned("reader"),  # another pool's
        pinned("echo", version="of another manifest"),
    ],
)
async def test_what_is_not_here_is_said(tmp_path: Path, asked: Any) -> None:
    with pytest.raises(ModelNotAvailable):
        await models(tmp_path, "text").get(asked)


async def test_embeddings(tmp_path: Path) -> None:
    runner = await models(tmp_path, "embed").get(pinned("vectors"))
    assert isinstance(runner, Embedding)
    [end] = [each async for each in runner.run(pinned("vectors", kind="embedding", input=("river", "河")))]
    assert [len(vector) for vector in end.embeddings] == [8, 8]
    assert end.usage.prompt_tokens == 2


@pytest.mark.parametrize(("stream", "kinds"), [(True, ["delta", "delta", "final"]), (False, ["final"])])
async def test_generation_says_deltas_to_those_who_stream(tmp_path: Path, stream: bool, kinds: list[str]) -> None:
    runner = await models(tmp_path, "text").get(pinned("echo"))
    said = [each async for each in runner.run(pinned("echo", content="hello river", pins=pins(stream=stream)))]
    assert [each.kind for each in said] == kinds
    assert isinstance(said[-1], Final)
    assert said[-1].text == "hello river"


async def test_a_reader_of_pictures(tmp_path: Path) -> None:
    assert isinstance(await models(tmp_path, "vision").get(pinned("reader")), ReadingPictures)


def test_adapters_are_fetched_once_and_verified(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path)
    objects = ObjectStore(settings)
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}")
    uri, sha256 = objects.put_tree(folder)
    loaded = LoadedModels(settings, MANIFEST, ["text"], objects, Metrics())
    pin = AdapterPin(name="echo", version="a1", uri=uri, sha256=sha256)
    into = loaded._adapter(pin)
    assert (into / "adapter_config.json").read_text() == "{}"
    shutil.rmtree(tmp_path / "objects")
    assert loaded._adapter(pin) == into
    with pytest.raises(InvalidUpload):
        loaded._adapter(pin.model_copy(update={"uri": "../../etc", "sha256": "0" * 64}))
