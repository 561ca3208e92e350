"""What a manifest may say, and how it is told what is wrong."""

from pathlib import Path
from typing import Any

import pytest

from schemas.errors import InvalidField, ModelNotFound, TooLarge
from workers.models.manifest import MAX_CHARS, Manifest

DIGEST = "a" * 64
WHEEL = {"engine": "transformers", "source": {"wheel": "x==1"}, "sha256": {"m.gguf": DIGEST}}
REMOTE = {"engine": "remote", "options": {"base_url": "http://gpu:8000/v1", "model": "q"}}


def manifest(**models: Any) -> Manifest:
    return Manifest.model_validate({"models": models})


def test_the_shipped_manifest_has_the_default_models() -> None:
    shipped = Manifest.load()

    assert {entry.name: entry.pool for entry in shipped.models} == {
        "smollm2-135m": "text", "minilm": "embed", "ocr": "vision", "echo": "text",
    }  # fmt: skip
    assert "ocr" in shipped.entry("ocr").capabilities


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ModelNotFound, match="known: smollm2-135m, minilm, ocr, echo"):
        Manifest.load().entry("gpt-5")


def test_a_version_follows_from_what_an_entry_says() -> None:
    entry = manifest(m=WHEEL).entry("m")
    same = manifest(m={**WHEEL, "pool": "text"}).entry("m")
    dearer = manifest(m={**WHEEL, "price": {"prompt": 1}}).entry("m")

    assert len(entry.version) == 12
    assert entry.version == same.version
    assert entry.version != dearer.version
    assert entry.weights_version == dearer.weights_version


def test_remote_models_are_not_local_unless_they_say_so() -> None:
    made = manifest(far=REMOTE, near={**REMOTE, "local": True})

    assert not made.entry("far").local
    assert made.entry("near").local


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"engine": "magic"}, "bad: Input tag 'magic'"),
        ({**WHEEL, "pol": "text"}, "pol: Extra inputs"),
        ({**WHEEL, "sha256": {}}, "'sha256' must name each file"),
        ({**WHEEL, "sha256": {"../m.gguf": DIGEST}}, "without '..'"),
        ({**WHEEL, "sha256": {"/m.gguf": DIGEST}}, "without '..'"),
        ({**WHEEL, "sha256": {"m.gguf": "short"}}, "sha256.m.gguf"),
        ({**WHEEL, "source": {"wheel": "x>=1"}}, "source.wheel"),
        ({**WHEEL, "source": {"wheel": "--index=x==1"}}, "source.wheel"),
        ({**WHEEL, "source": {"hub": "a/b", "revision": "main"}}, "revision"),
        ({**WHEEL, "source": {"url": "x"}}, "needs one of 'wheel', 'hub', 'directory', 'gguf'"),
        ({**WHEEL, "source": {"gguf": "/data/other.gguf"}}, "must name 'other.gguf' alone"),
        ({"engine": "transformers"}, "source: Field required"),
        ({"engine": "remote"}, "options: Field required"),
        ({**REMOTE, "options": {**REMOTE["options"], "api_key": "sk-1"}}, "options.api_key: Extra"),  # type: ignore[dict-item]
        ({**REMOTE, "options": {"base_url": "http://u:p@gpu/v1", "model": "q"}}, "options.base_url"),  # no secret there
        ({"engine": "echo", "options": {"fail": "sometimes"}}, "options.fail"),
        ("echo", "models.bad"),
    ],
)
def test_every_problem_is_named(tmp_path: Path, entry: Any, problem: str) -> None:
    import json

    file = tmp_path / "models.yaml"
    file.write_text(json.dumps({"models": {"bad": entry, "worse": {"engine": "echo", "context": 0}}}))

    with pytest.raises(InvalidField) as raised:
        Manifest.load(file)

    assert problem in raised.value.message
    assert "models.worse.echo.context" in raised.value.message


@pytest.mark.parametrize("text", ["models: [", "- just\n- a list", "", "models: \xff"])
def test_what_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "models.yaml"
    file.write_bytes(text.encode("latin-1"))

    with pytest.raises(InvalidField, match=r"models\.yaml"):
        Manifest.load(file)


def test_bounds(tmp_path: Path) -> None:
    file = tmp_path / "models.yaml"
    file.write_text("#" * (MAX_CHARS + 1))

    with pytest.raises(TooLarge):
        Manifest.load(file)
    with pytest.raises(InvalidField, match="cannot read"):
        Manifest.load(tmp_path / "none.yaml")
