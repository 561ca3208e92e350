import os
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from infra.metrics import MULTIPROCESS, TENANTS, Metrics
from infra.server import free_port


def value(text: bytes, sample: str) -> float:
    """One sample of an exposition, such as ``headrace_answered_total{status="completed",…}``."""
    found = re.search(rf"^{re.escape(sample)} (\S+)$", text.decode(), re.MULTILINE)
    assert found, f"{sample} is not in\n{text.decode()}"
    return float(found[1])


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MULTIPROCESS, raising=False)


CASES: list[tuple[Callable[[Metrics], None], str, float]] = [
    (lambda m: m.admitted("acme", "admitted"), 'headrace_admitted_total{outcome="admitted",tenant="acme"}', 1),
    (
        lambda m: m.answered("completed", "chat", cached=True),
        'headrace_answered_total{cached="true",kind="chat",status="completed"}',
        1,
    ),
    (lambda m: m.tokens("m", prompt=3), 'headrace_tokens_total{direction="prompt",model="m"}', 3),
    (lambda m: m.tokens("m", completion=4), 'headrace_tokens_total{direction="completion",model="m"}', 4),
    (lambda m: m.tokens("m", cached=5), 'headrace_tokens_total{direction="cached",model="m"}', 5),
    (lambda m: m.cache(True), 'headrace_cache_lookups_total{outcome="hit"}', 1),
    (lambda m: m.cache(False), 'headrace_cache_lookups_total{outcome="miss"}', 1),
    (
        lambda m: m.verdict("output", "redact", "medium"),
        'headrace_verdicts_total{action="redact",direction="output",level="medium"}',
        1,
    ),
    (lambda m: m.in_flight("infer", 2), 'headrace_in_flight{stage="infer"}', 2),
    (lambda m: m.queued("text", 7), 'headrace_queued{pool="text"}', 7),
    (lambda m: m.lag("headrace.results", 3, 9), 'headrace_lag_records{partition="3",topic="headrace.results"}', 9),
    (lambda m: m.deadlettered("t", "invalid_json"), 'headrace_deadlettered_total{code="invalid_json",topic="t"}', 1),
    (
        lambda m: m.retried("admission", "unavailable"),
        'headrace_retried_total{code="unavailable",stage="admission"}',
        1,
    ),
    (lambda m: m.first_token(0.2), 'headrace_first_token_seconds_bucket{le="0.25"}', 1),
    (
        lambda m: m.http("/v1/files/{id}", 404, 0.002),
        'headrace_http_seconds_bucket{le="0.005",route="/v1/files/{id}",status="404"}',
        1,
    ),
]


@pytest.mark.parametrize(("verb", "sample", "expected"), CASES, ids=[sample for _, sample, _ in CASES])
def test_a_verb_is_seen_by_prometheus(verb: Callable[[Metrics], None], sample: str, expected: float) -> None:
    metrics = Metrics()
    verb(metrics)
    text, content_type = metrics.exposition()
    assert value(text, sample) == expected
    assert content_type.startswith("text/plain")


def test_a_stage_is_timed_and_leaves_also_when_it_raises() -> None:
    metrics = Metrics()
    with metrics.stage("screening"):
        assert value(metrics.exposition()[0], 'headrace_in_flight{stage="screening"}') == 1
    with suppress(ZeroDivisionError), metrics.stage("screening"):
        raise ZeroDivisionError
    text, _ = metrics.exposition()
    assert value(text, 'headrace_in_flight{stage="screening"}') == 0
    assert value(text, 'headrace_stage_seconds_count{stage="screening"}') == 2


def test_tenants_are_bounded() -> None:
    metrics = Metrics()
    for n in range(TENANTS + 5):
        metrics.admitted(f"t{n}", "admitted")
    metrics.admitted("t0", "admitted")
    text, _ = metrics.exposition()
    assert value(text, 'headrace_admitted_total{outcome="admitted",tenant="other"}') == 5
    assert value(text, 'headrace_admitted_total{outcome="admitted",tenant="t0"}') == 2


def test_it_is_served_until_it_is_stopped() -> None:
    metrics, port = Metrics(), free_port()
    metrics.cache(True)
    stop = metrics.serve(port)
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as response:
        assert value(response.read(), 'headrace_cache_lookups_total{outcome="hit"}') == 1
    stop()
    with pytest.raises(URLError):
        urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5)


WORKER = """
import os, sys
from infra.metrics import Metrics, forget
metrics = Metrics()
metrics.cache(True)
metrics.in_flight("infer", 3)
if sys.argv[1:]:
    forget(int(sys.argv[1]))
    metrics.lag("t", 0, 5)
    print(metrics.exposition()[0].decode())
else:
    print(os.getpid())
"""


def test_one_process_tells_for_all_and_forgets_the_dead(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        env = {**os.environ, MULTIPROCESS: str(tmp_path)}
        command = [sys.executable, "-c", WORKER, *arguments]
        return subprocess.run(command, env=env, check=True, capture_output=True, text=True, timeout=60).stdout

    text = run(run().strip()).encode()
    assert value(text, 'headrace_cache_lookups_total{outcome="hit"}') == 2
    assert value(text, 'headrace_in_flight{stage="infer"}') == 3
    assert value(text, 'headrace_lag_records{partition="0",topic="t"}') == 5
