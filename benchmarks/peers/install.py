"""Installs the peers, pinned, each in an environment of its own below ``.headrace-bench``; ours never sees them.

    python -m benchmarks peers [NAME ...]

Bifrost is a Go module, installed where the module proxy serves it. Not every one does. LiteLLM 1.82.7 and 1.82.8 were
malicious releases: the pin is later, and must stay so.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HOME = Path(".headrace-bench").absolute()
BIFROST = "github.com/maximhq/bifrost/transports/bifrost-http"


@dataclass(frozen=True)
class Peer:
    """``packages`` are pinned requirements; ``program`` is what must be there in the end."""

    name: str
    packages: tuple[str, ...]
    program: str
    install: Callable[["Peer"], None]
    tool: str = ""

    @property
    def home(self) -> Path:
        return HOME / self.name

    @property
    def path(self) -> Path:
        return self.home / self.program

    @property
    def installed(self) -> bool:
        """Whether these very versions are there."""
        mark = self.home / "installed.json"
        return self.path.exists() and mark.exists() and json.loads(mark.read_text()) == list(self.packages)

    @property
    def versions(self) -> dict[str, str]:
        """The version of each package."""
        return {name: version for name, _, version in (_split(package) for package in self.packages)}

    def missing(self) -> str | None:
        """Why it cannot take part, if it cannot."""
        return None if self.installed else f"not installed: python -m benchmarks peers {self.name}"


def _split(package: str) -> tuple[str, str, str]:
    name, sign, version = package.rpartition("==" if "==" in package else "@")
    return name.partition("[")[0], sign, version


def _virtual(peer: Peer) -> None:
    _run([sys.executable, "-m", "uv", "venv", "-q", "--allow-existing", "--python", sys.executable, str(peer.home)])
    _run(
        [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", str(peer.home / "bin/python"), *peer.packages]
    )


def _node(peer: Peer) -> None:
    """Scripts of packages do not run: none is needed."""
    peer.home.mkdir(parents=True, exist_ok=True)
    flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--save-exact"]
    _run(["npm", "install", "--prefix", str(peer.home), *flags, *peer.packages])


def _go(peer: Peer) -> None:
    peer.home.mkdir(parents=True, exist_ok=True)
    _run(["go", "install", *peer.packages], {"GOBIN": str(peer.home / "bin")})


def _run(command: Sequence[str], environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, check=True, env={**os.environ, **(environment or {})})


PEERS = {
    peer.name: peer
    for peer in (
        Peer("litellm", ("litellm[proxy]==1.106.2",), "bin/litellm", _virtual),
        Peer(
            "portkey",
            ("@portkey-ai/gateway@1.15.2",),
            "node_modules/@portkey-ai/gateway/build/start-server.js",
            _node,
            "npm",
        ),
        Peer("bifrost", (f"{BIFROST}@v1.3.0",), "bin/bifrost-http", _go, "go"),
        Peer("openvino", ("openvino-genai==2026.4.0.0", "openvino==2026.4.0"), "bin/python", _virtual),
        Peer("presidio", ("presidio-analyzer==2.2.366",), "bin/python", _virtual),
        Peer("argus-redact", ("argus-redact==0.8.22",), "bin/python", _virtual),
        Peer("detect-secrets", ("detect-secrets==1.5.0",), "bin/python", _virtual),
        Peer("libinjection", ("libinjection-python==1.1.6",), "bin/python", _virtual),
        Peer("llamacpp", ("llama-cpp-python==0.3.36", "numpy==2.4.6"), "bin/python", _virtual),
    )
}


def install(names: Sequence[str]) -> dict[str, str]:
    """Install these peers (all without names); returns for each whether it is there, or why not."""
    outcome = {}
    for peer in [PEERS[name] for name in names or PEERS]:
        if not peer.installed:
            outcome[peer.name] = _attempt(peer)
        else:
            outcome[peer.name] = "there already"
    return outcome


def _attempt(peer: Peer) -> str:
    if peer.tool and not shutil.which(peer.tool):
        return f"not installed: {peer.tool} is needed and not there"
    try:
        peer.install(peer)
    except subprocess.CalledProcessError as error:
        return f"not installed: {error.cmd[0]} ended with {error.returncode}"
    (peer.home / "installed.json").write_text(json.dumps(peer.packages))
    return "installed" if peer.installed else f"not installed: {peer.program} is not there"
