"""Publish a record that proves whose it is, with nothing but the standard library for the proof.

pip install kafka-python
HEADRACE_API_KEY=hr-… python examples/sign.py "总结一下这份合同"
"""

import hashlib
import hmac
import json
import os
import sys
import uuid
from datetime import UTC, datetime

from kafka import KafkaProducer

BOOTSTRAP = os.environ.get("BOOTSTRAP", "127.0.0.1:9092")
PREFIX = os.environ.get("PREFIX", "headrace")


def signing_key(secret: str) -> bytes:
    """HKDF-SHA256 (RFC 5869) with an empty salt, to one block of 32 bytes."""
    extracted = hmac.digest(bytes(32), secret.encode(), "sha256")
    return hmac.digest(extracted, b"headrace record signature" + b"\x01", "sha256")


def signed(event_id: str, value: bytes, api_key: str) -> list[tuple[str, bytes]]:
    """The headers that prove who said ``value``: HMAC-SHA256 over version, id and value."""
    _, key_id, secret = api_key.split("-", 2)
    signature = hmac.new(signing_key(secret), b"v1\n" + event_id.encode() + b"\n" + value, hashlib.sha256)
    return [
        ("ce_id", event_id.encode()),
        ("headrace-key-id", key_id.encode()),
        ("headrace-signature", signature.hexdigest().encode()),
    ]


def main(question: str, api_key: str) -> None:
    # A signed body must say its id and time, so that a replay is recognised.
    event_id = str(uuid.uuid4())
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    body = {"id": event_id, "time": time, "messages": [{"role": "user", "content": question}]}
    value = json.dumps(body, ensure_ascii=False).encode()
    with KafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all") as producer:
        headers = signed(event_id, value, api_key)
        producer.send(f"{PREFIX}.requests", key=event_id.encode(), value=value, headers=headers).get(timeout=30)
    print(event_id)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "What is a headrace?", os.environ["HEADRACE_API_KEY"])
