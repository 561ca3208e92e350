from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.settings import GatewaySettings, KafkaSettings, RedisSettings, Settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HEADRACE_CONFIG", str(tmp_path / "headrace.yaml"))


def test_the_environment_goes_before_the_file_and_that_before_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "headrace.yaml").write_text("kafka: {prefix: from-file, partitions: 7}\nlog_level: debug\n")
    monkeypatch.setenv("HEADRACE_KAFKA__PREFIX", "from-environment")
    settings = Settings()
    assert (settings.kafka.prefix, settings.kafka.partitions) == ("from-environment", 7)
    assert (settings.kafka.replication, settings.log_level) == (1, "debug")
    assert Settings(log_level="error").log_level == "error"


@pytest.mark.parametrize(
    "wrong",
    [
        {"default_tenant": "Not A Label"},
        {"kafka": {"prefix": "UPPER"}},
        {"kafka": {"partition": 4}},  # misspelt
        {"limits": {"attempts": 0}},
        {"unknown": 1},
    ],
)
def test_what_is_wrong_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(wrong)


def test_secrets_are_masked() -> None:
    settings = Settings.model_validate(
        {
            "master_key": "s3cret" * 10,
            "kafka": {"sasl_password": "s3cret"},
            "redis": {"url": "redis://:s3cret@host"},
            "objects": {"options": {"secret": "s3cret"}},
            "gateway": {"key": "hr-s3cret"},
        }
    )
    assert "s3cret" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.redis.address == "redis://:s3cret@host"


def test_where_things_are() -> None:
    assert KafkaSettings(port=1234).servers == "127.0.0.1:1234"
    assert KafkaSettings(bootstrap="a:1,b:2").servers == "a:1,b:2"
    assert RedisSettings(port=1234).address == "redis://127.0.0.1:1234/0"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("::1", "http://[::1]:80"),
        ("gateway.example", "http://gateway.example:80"),
    ],
)
def test_where_the_gateway_is_reached(host: str, url: str) -> None:
    assert GatewaySettings(host=host, port=80).url == url
