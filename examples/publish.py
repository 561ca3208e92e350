"""Ask over Kafka and wait for the answer.

pip install kafka-python
python examples/publish.py "What is a headrace?"
"""

import json
import os
import sys
import uuid

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

BOOTSTRAP = os.environ.get("BOOTSTRAP", "127.0.0.1:9092")
PREFIX = os.environ.get("PREFIX", "headrace")


def answers() -> KafkaConsumer:
    """A consumer that stands at the end of ``responses``: make it before asking."""
    consumer = KafkaConsumer(bootstrap_servers=BOOTSTRAP, consumer_timeout_ms=120_000)
    topic = f"{PREFIX}.responses"
    consumer.assign([TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)])
    consumer.seek_to_end()
    for partition in consumer.assignment():
        consumer.position(partition)
    return consumer


def main(question: str) -> None:
    consumer = answers()
    request_id = str(uuid.uuid4())
    request = {"id": request_id, "messages": [{"role": "user", "content": question}], "max_tokens": 64}
    with KafkaProducer(bootstrap_servers=BOOTSTRAP, acks="all") as producer:
        value = json.dumps(request, ensure_ascii=False).encode()
        producer.send(f"{PREFIX}.requests", key=request_id.encode(), value=value).get(timeout=30)
    for record in consumer:
        response = json.loads(record.value)
        if response["id"] == request_id:
            print(response["text"] if response["status"] == "completed" else response["error"]["message"])
            return
    sys.exit("no answer came")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "What is a headrace?")
