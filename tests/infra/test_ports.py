"""Who listens on a port."""

import os
import socket
import sys
from contextlib import closing

import pytest

from infra.ports import listener, taken
from infra.server import free_port


def test_a_free_port_has_no_listener() -> None:
    port = free_port()
    assert not taken("127.0.0.1", port)
    assert listener(port) is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_a_listener_is_named_with_its_pid() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        assert taken("127.0.0.1", port)
        found = listener(port)
    assert found is not None
    assert f"(pid {os.getpid()})" in found
