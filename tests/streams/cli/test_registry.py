"""Keys, policies, models and routes from the command line, on a real log."""

import json
from pathlib import Path

import pytest

from infra.keys import KeyRing, master_key
from infra.policies import DEFAULT
from infra.settings import Settings
from schemas.errors import KeyRevoked, NotFound
from schemas.registry import ModelVersion
from streams.cli.keys import current
from streams.cli.models import rolled_back
from tests.streams.cli.conftest import Run


async def ring(settings: Settings) -> KeyRing:
    made = KeyRing(master_key(settings))
    for key in (await current(settings)).values():
        made.apply(key)
    return made


def test_a_key_is_issued_listed_and_revoked(run: Run, settings: Settings) -> None:
    import asyncio

    assert "all topics" not in run("topics", "create").output
    made = json.loads(run("keys", "create", "--tenant", "acme", "--note", "网店", "--json").output)
    assert asyncio.run(ring(settings)).authenticate(made["key"]).tenant == "acme"
    listed = run("keys", "list").output
    assert made["id"] in listed
    assert "网店" in listed
    assert made["key"].split("-")[2] not in listed

    assert run("keys", "revoke", made["id"]).output == f"{made['id']} is revoked\n"
    with pytest.raises(KeyRevoked):
        asyncio.run(ring(settings)).authenticate(made["key"])
    assert json.loads(run("keys", "list", "--tenant", "acme", "--json").output)[0]["revoked"] is True
    missing = run("keys", "revoke", "nobody")
    assert (missing.exit_code, "'headrace keys list'" in missing.output) == (1, True)


def test_a_policy_is_checked_applied_and_shown(run: Run, tmp_path: Path) -> None:
    run("topics", "create")
    before = json.loads(run("policy", "show", "--json").output)
    file = tmp_path / "policy.yaml"
    file.write_text(DEFAULT.read_text().replace("simple_chars: 120", "simple_chars: 7"))
    assert "is sound" in run("policy", "check", str(file)).output
    assert "is live as version" in run("policy", "apply", str(file)).output
    after = json.loads(run("policy", "show", "--json").output)
    assert after["version"] != before["version"]
    assert after["document"]["routing"]["simple_chars"] == 7
    assert run("policy", "show", "--version", "ffffffffffff").exit_code == 1
    assert run("policy", "show", "--default").output == DEFAULT.read_text()


def test_an_unsound_policy_is_told_every_problem(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("name: x\nscreening: {actions: {prompt: {emial: redact}}}\nrouting: {}\n")
    done = run("policy", "check", str(file))
    assert done.exit_code == 1
    assert "emial" in done.output
    assert "routing.default" in done.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        # short and simple goes to the small model
        (["你好"], "short and simple"),
        # a high security level stays local
        (["Compare these two", "--security", "high"], "local models only"),
        # an unknown model is told with those that are known
        (["hi", "--model", "gpt-9"], "refused (model_not_found)"),
        # what screening blocks is not routed
        (["'; DROP TABLE users; --"], "no model gets it"),
        # a whole request
        (['{"kind": "embedding", "input": "x"}'], "embeddings"),
    ],
)
def test_routes_are_explained_without_kafka(run: Run, words: list[str], said: str) -> None:
    done = run("route", "explain", *words, "--policy", str(DEFAULT))
    assert said in done.output
    assert done.exit_code == 0


def test_broken_json_is_told(run: Run) -> None:
    done = run("route", "explain", '{"messages": ', "--policy", str(DEFAULT))
    assert (done.exit_code, "TEXT begins like JSON" in done.output) == (1, True)


def test_a_route_by_the_live_policy(run: Run) -> None:
    run("topics", "create")
    lines = json.loads(run("route", "explain", "你好", "--json").output)
    assert lines[-1].startswith("candidates: ")


def version(name: str, status: str = "live") -> ModelVersion:
    return ModelVersion.model_validate({"name": "m", "version": name, "status": status})


@pytest.mark.parametrize(
    ("versions", "target", "expected"),
    [
        # the latest is taken out
        (["a", "b"], None, [("b", "retired")]),
        # back to one that is still live: those after it are taken out
        (["a", "b", "c"], "a", [("b", "retired"), ("c", "retired")]),
        # back to the latest: nothing to do
        (["a", "b"], "b", []),
    ],
)
def test_rolling_back(versions: list[str], target: str | None, expected: list[tuple[str, str]]) -> None:
    changed = rolled_back([version(name) for name in versions], target, "why")
    assert [(each.version, each.status) for each in changed] == expected
    assert all(each.reason == "why" for each in changed)


def test_rolling_back_to_a_retired_version_makes_it_the_latest() -> None:
    changed = rolled_back([version("a", "retired"), version("b")], "a", "why")
    assert [(each.version, each.status) for each in changed] == [("b", "retired"), ("a", "live")]


@pytest.mark.parametrize(("versions", "target"), [([], None), (["a"], "z")])
def test_there_is_nothing_to_go_back_to(versions: list[str], target: str | None) -> None:
    with pytest.raises(NotFound):
        rolled_back([version(name) for name in versions], target, "why")


def test_models_are_listed_and_checked(run: Run) -> None:
    run("topics", "create")
    names = {row["name"] for row in json.loads(run("models", "list", "--json").output)}
    assert "echo" in names
    checked = run("models", "check")
    assert checked.exit_code == 0
    assert "echo@" in checked.output
    assert run("models", "history", "echo").output == "echo has no trained versions\n"
    assert run("models", "rollback", "echo").exit_code == 1
