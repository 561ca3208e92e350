"""The deploy files say what the code does: their schemas hold, and every name in them exists."""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.metrics import Metrics
from infra.settings import GatewaySettings, Settings
from infra.topics import TABLE

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "infra" / "deploy"
BIN = Path(sys.executable).parent
SECRETS = {"HEADRACE_MASTER_KEY": "0" * 64, "VALKEY_PASSWORD": "wörd", "GRAFANA_PASSWORD": "word"}
METRICS_PORT = 9100
OURS = {"gateway", "control", "screening", "text", "vision", "training", "text-gpu", "vision-gpu", "training-gpu"}


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return document


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def interpolated(value: str) -> str:
    """``${NAME:-default}`` and ``${NAME:?hint}`` as Compose fills them in."""
    return re.sub(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)\}", lambda found: SECRETS.get(found[1], found[2] or ""), value)


def environment(service: str) -> dict[str, str]:
    return {name: interpolated(str(value)) for name, value in services()[service].get("environment", {}).items()}


def run(*command: str | Path, **environ: str) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **environ}, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_compose_file_is_valid() -> None:
    run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")


def test_dockerfile_has_no_finding() -> None:
    assert run(BIN / "hadolint", "infra/deploy/Dockerfile") == ""


def test_what_the_dockerfile_copies_is_sent_to_it() -> None:
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert {name for line in copied for name in line.split()} == sent


@pytest.mark.parametrize("name", sorted(services()))
def test_every_service_is_bounded_and_comes_back(name: str) -> None:
    service = services()[name]
    assert {"cpus", "memory"} <= service["deploy"]["resources"]["limits"].keys()
    assert service["restart"] == "unless-stopped"
    assert "healthcheck" in service or name in OURS - {"gateway"}  # the image has one
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_secrets_have_no_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in SECRETS:
        uses = re.findall(rf"\$\{{{name}([^}}]*)\}}", text)
        assert uses, name
        assert all(use.startswith(":?") for use in uses), name


def test_profiles_are_cpu_and_gpu_with_the_same_workers() -> None:
    by_profile, workers = defaultdict(set), {"text", "vision", "training"}
    for name, service in services().items():
        for profile in service.get("profiles", []):
            by_profile[profile].add(name.removesuffix("-gpu"))
    assert dict(by_profile) == {"cpu": workers, "gpu": workers, "screening": {"screening"}}


@pytest.mark.parametrize("name", sorted(OURS))
def test_the_settings_of_a_service_are_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in environment(name).items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("HEADRACE_CONFIG", str(DEPLOY / "headrace.yaml"))
    settings = Settings()
    assert not settings.kafka.embedded
    assert not settings.redis.embedded
    assert settings.default_tenant is None  # who is not known is refused
    assert (settings.master_key is not None) == (name in {"gateway", "control", "screening"})
    known = {f"HEADRACE_{field}".upper() for field in Settings.model_fields} | {"HEADRACE_CONFIG"}
    assert {variable.partition("__")[0] for variable in environment(name)} <= known


def test_prometheus_asks_every_process_where_it_answers() -> None:
    jobs = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"]
    asked = {(name, found["port"]) for job in jobs for found in job["dns_sd_configs"] for name in found["names"]}
    gateway = GatewaySettings().port
    assert asked == {(name, gateway if name == "gateway" else METRICS_PORT) for name in OURS}
    assert f"HEADRACE_METRICS_PORT={METRICS_PORT}" in (DEPLOY / "Dockerfile").read_text()


def series() -> set[str]:
    body, _ = Metrics().exposition()
    families = re.findall(r"^# TYPE (\S+) (\S+)$", body.decode(), re.MULTILINE)
    return {name + ("_bucket" if kind == "histogram" else "") for name, kind in families}


def test_the_dashboard_shows_metrics_that_exist() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "dashboards" / "headrace.json").read_text())
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yaml").read_text())["datasources"][0]
    shown = {target["expr"] for panel in dashboard["panels"] for target in panel["targets"]}
    assert {name for expr in shown for name in re.findall(r"headrace_\w+", expr)} <= series()
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} == {source["uid"]}
    assert source["url"] == "http://prometheus:9090"


def test_the_dashboard_is_where_grafana_looks() -> None:
    provider = yaml.safe_load((DEPLOY / "grafana/provisioning/dashboards/headrace.yaml").read_text())["providers"][0]
    targets = [volume.split(":")[1] for volume in services()["grafana"]["volumes"]]
    assert provider["options"]["path"] in targets


@pytest.fixture
def granted(tmp_path: Path) -> dict[str, set[tuple[str, str]]]:
    """What ``acls.sh`` grants for the tenants acme and globex: user -> (topic, operation)."""
    recorder = tmp_path / "acls"
    recorder.write_text('#!/bin/sh\necho "$@" >> "$0.log"\n')
    recorder.chmod(0o755)
    run(DEPLOY / "acls.sh", "acme", "globex", ACLS=str(recorder), BOOTSTRAP="kafka:9093")
    grants: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for line in Path(f"{recorder}.log").read_text().splitlines():
        words = line.split()
        options = list(pairwise(words))
        user = next(value for name, value in options if name == "--allow-principal").removeprefix("User:")
        topics = [value.removeprefix("headrace.") for name, value in options if name == "--topic"]
        grants[user] |= {(topic, value) for name, value in options if name == "--operation" for topic in topics}
    return grants


def written(granted: dict[str, set[tuple[str, str]]], user: str) -> set[str]:
    return {topic for topic, operation in granted[user] if operation == "Write"}


def test_only_control_writes_what_is_answered_and_audited(granted: dict[str, set[tuple[str, str]]]) -> None:
    for topic in ("audit", "checkpoints", "responses", "chunks", "responses.acme"):
        assert [user for user in granted if topic in written(granted, user)] == ["control"], topic


def test_workers_write_results_only(granted: dict[str, set[tuple[str, str]]]) -> None:
    assert written(granted, "text") == written(granted, "vision") == {"results", "deadletter"}


def test_a_tenant_has_its_own_topics_only(granted: dict[str, set[tuple[str, str]]]) -> None:
    assert {topic for topic, _ in granted["tenant-acme"]} == {"requests.acme", "responses.acme"}
    assert written(granted, "tenant-acme") == {"requests.acme"}


def test_every_topic_of_the_acls_is_in_the_table(granted: dict[str, set[tuple[str, str]]]) -> None:
    topics = {topic for grants in granted.values() for topic, _ in grants} - {""}
    bound = {f"{kind}.{tenant}" for kind in ("requests", "responses") for tenant in ("acme", "globex")}
    assert topics - bound <= {topic.name for topic in TABLE}
