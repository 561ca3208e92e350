"""Follow the audit from its beginning: a line for each decision.

pip install kafka-python
python examples/read_audit.py            # goes on as more is decided
python examples/read_audit.py --end      # stops at the end
"""

import json
import os
import sys

from kafka import KafkaConsumer, TopicPartition

BOOTSTRAP = os.environ.get("BOOTSTRAP", "127.0.0.1:9092")
TOPIC = os.environ.get("PREFIX", "headrace") + ".audit"


def main(to_the_end: bool) -> None:
    wait_ms = 3_000 if to_the_end else float("inf")
    consumer = KafkaConsumer(bootstrap_servers=BOOTSTRAP, consumer_timeout_ms=wait_ms)
    consumer.assign([TopicPartition(TOPIC, number) for number in consumer.partitions_for_topic(TOPIC)])
    consumer.seek_to_beginning()
    for record in consumer:
        audit = json.loads(record.value)
        for decision in audit["decisions"]:
            print(
                audit["time"],
                audit.get("tenant", "-"),
                audit["request_id"],
                decision["stage"],
                decision["outcome"],
                decision["code"],
                flush=True,
            )


if __name__ == "__main__":
    main("--end" in sys.argv[1:])
