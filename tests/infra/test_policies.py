"""Policies as files."""

from pathlib import Path

import pytest

from infra.policies import MAX_CHARS, default_policy, load_policy, parse_policy
from schemas.errors import InvalidField, TooLarge
from schemas.policies import document_version
from workers.models.manifest import Manifest


def test_the_default_policy_is_sound() -> None:
    assert document_version(default_policy()) == document_version(default_policy().for_tenant("anyone"))


def test_the_default_policy_names_models_of_the_default_manifest() -> None:
    routing, manifest = default_policy().routing, Manifest.load(None)
    chat = {manifest.entry(name).name for name in (routing.default, routing.small or routing.default)}
    assert all("chat" in manifest.entry(name).capabilities for name in chat)
    assert "embedding" in manifest.entry(routing.embedding or "").capabilities
    assert "ocr" in manifest.entry(routing.vision or "").capabilities


def test_all_problems_are_shown_at_once() -> None:
    with pytest.raises(InvalidField) as caught:
        parse_policy("name: x\nscreening: {actions: {prompt: {email: drop}}}\nrouting: {defualt: a}\nmore: 1\n")
    for problem in ("screening.actions.prompt.email", "routing.defualt", "routing.default", "more"):
        assert f"- {problem}" in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",  # nothing
        "- a list",
        "name: [unclosed",
        "name: !!python/object/apply:os.system ['true']",  # no objects out of YAML
        "a: &a [x, x]\nb: [*a, *a]",  # no aliases: they can grow without bound
        "[" * 5000,
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(InvalidField, match=r"^(the|a) policy"):
        parse_policy(text)


def test_size_is_bounded() -> None:
    with pytest.raises(TooLarge):
        parse_policy(" " * (MAX_CHARS + 1))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\xfa")
    for path in (tmp_path / "none.yaml", tmp_path / "bad.yaml"):
        with pytest.raises(InvalidField, match=path.name):
            load_policy(path)
