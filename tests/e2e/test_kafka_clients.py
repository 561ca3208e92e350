"""Teams that speak Kafka themselves: ``kafka-python``, and a bare JSON line as ``kcat -P`` sends it."""

import json
import uuid
from collections.abc import Iterator

import pytest
from kafka import KafkaConsumer, KafkaProducer

from infra.settings import Settings

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def producer(live: Settings) -> Iterator[KafkaProducer]:
    producer = KafkaProducer(bootstrap_servers=live.kafka.servers, acks="all")
    yield producer
    producer.close()


def answer(live: Settings, request_id: str) -> dict[str, object]:
    consumer = KafkaConsumer(
        "headrace.responses",
        bootstrap_servers=live.kafka.servers,
        auto_offset_reset="earliest",
        consumer_timeout_ms=60_000,
    )
    try:
        for message in consumer:
            body: dict[str, object] = json.loads(message.value)
            if body["id"] == request_id:
                return body
    finally:
        consumer.close()
    raise AssertionError(f"no answer to {request_id}")


def test_a_bare_json_line_is_a_request(live: Settings, producer: KafkaProducer) -> None:
    name = f"line-{uuid.uuid4().hex[:8]}"
    body = {"id": name, "model": "echo", "messages": [{"role": "user", "content": "你好 headrace"}]}
    producer.send("headrace.requests", json.dumps(body).encode()).get(30)
    got = answer(live, name)
    assert (got["status"], got["tenant"]) == ("completed", "local")
    assert "你好" in str(got["text"])
    assert got["verdict"]


def test_feedback_is_joined_with_its_answer(live: Settings, producer: KafkaProducer) -> None:
    asked, said = f"asked-{uuid.uuid4().hex[:8]}", f"said-{uuid.uuid4().hex[:8]}"
    body = {"id": asked, "model": "echo", "messages": [{"role": "user", "content": "hello"}]}
    producer.send("headrace.requests", json.dumps(body).encode()).get(30)
    answer(live, asked)
    feedback = {"id": said, "request_id": asked, "correction": "good day"}
    producer.send("headrace.feedback", json.dumps(feedback).encode()).get(30)
    assert answer(live, said)["status"] == "completed"


def test_every_decision_can_be_read_in_the_audit(live: Settings, producer: KafkaProducer) -> None:
    name = f"audited-{uuid.uuid4().hex[:8]}"
    body = {"id": name, "model": "echo", "messages": [{"role": "user", "content": "my mail is ann@example.com"}]}
    producer.send("headrace.requests", json.dumps(body).encode()).get(30)
    answer(live, name)
    consumer = KafkaConsumer(
        "headrace.audit",
        bootstrap_servers=live.kafka.servers,
        auto_offset_reset="earliest",
        consumer_timeout_ms=3_000,
    )
    records = [json.loads(message.value) for message in consumer if name.encode() in (message.value or b"")]
    consumer.close()
    stages = [decision["stage"] for record in records for decision in record["decisions"]]
    assert stages == ["admission", "screening", "routing", "cache", "screening", "release"]
    assert "ann@example.com" not in json.dumps(records)
