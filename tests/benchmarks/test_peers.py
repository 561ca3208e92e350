from pathlib import Path

import orjson
import pytest

from benchmarks.peers import gateways
from benchmarks.peers.gateways import Place, bifrost, litellm, portkey, portkey_headers
from benchmarks.peers.install import PEERS
from benchmarks.peers.upstream import completion

MALICIOUS = {"1.82.7", "1.82.8"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(1, 2, 3, tmp_path, "sk-secret")


def test_every_peer_is_pinned_and_none_is_malicious() -> None:
    for peer in PEERS.values():
        assert all(version[0].isdigit() or version.startswith("v") for version in peer.versions.values()), peer
    assert PEERS["litellm"].versions["litellm"] not in MALICIOUS


def test_a_peer_that_is_not_installed_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.peers.install.HOME", tmp_path)
    assert PEERS["portkey"].missing() == "not installed: python -m benchmarks peers portkey"


@pytest.mark.parametrize("cache", [False, True])
def test_litellm_is_told_of_both_models_and_the_cache(place: Place, cache: bool) -> None:
    command, environment = litellm(place, cache=cache)
    told = orjson.loads((place.folder / "litellm.yaml").read_bytes())
    assert {model["model_name"] for model in told["model_list"]} == set(gateways.MODELS)
    assert told["litellm_settings"].get("cache", False) is cache
    assert environment["LITELLM_MASTER_KEY"] == place.key
    assert "1" in command


def test_portkey_and_bifrost_are_pointed_at_the_upstream(place: Place) -> None:
    assert "--port=1" in portkey(place)[0]
    assert portkey_headers(place)["x-portkey-custom-host"] == "http://127.0.0.1:2/v1"
    bifrost(place)
    told = orjson.loads((place.folder / "bifrost" / "config.json").read_bytes())
    assert told["providers"]["openai"]["network_config"]["base_url"] == "http://127.0.0.1:2"


def test_the_upstream_says_the_last_message_again() -> None:
    said = completion({"model": "echo", "messages": [{"role": "user", "content": "how are you 你好"}]})
    assert said["choices"][0]["message"]["content"] == "how are you 你好"
    assert said["usage"] == {"prompt_tokens": 4, "completion_tokens": 4, "total_tokens": 8}
