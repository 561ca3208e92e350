"""Another Kafka that keeps heads, under the keys and with the headers that they have on ``checkpoints``."""

from confluent_kafka import KafkaException, Message, Producer

from infra.broker import librdkafka_options
from infra.settings import KafkaSettings
from infra.topics import Names
from schemas.errors import Unavailable
from streams.audit.live import FRONTIER
from streams.audit.notary import Signed
from streams.audit.tiles import Kept

TIMEOUT_S = 10.0


class KafkaKeeper:
    """Its topic is ``<prefix>.checkpoints`` there; who runs that Kafka makes it."""

    def __init__(self, name: str, kafka: KafkaSettings) -> None:
        self.name = name
        self._topic = Names(kafka)("checkpoints")
        self._options = librdkafka_options(kafka) | {
            "acks": "all",
            "message.timeout.ms": int(TIMEOUT_S * 1000),
            "partitioner": "murmur2_random",  # as every other client of ours
        }
        self._producer: Producer | None = None

    def keep(self, place: str, signed: Signed, kept: Kept) -> None:
        heard: list[str] = []

        def told(error: object, _: Message) -> None:
            heard.append(str(error or ""))

        key = signed.head.origin.split("/", 2)[2]
        try:
            self._producer = self._producer or Producer(self._options)
            headers = [(FRONTIER, b"".join(signed.frontier))]
            self._producer.produce(self._topic, signed.note, key=key, headers=headers, on_delivery=told)
            self._producer.flush(TIMEOUT_S + 1)
        except (KafkaException, BufferError) as error:
            raise Unavailable(f"the other Kafka did not take a head: {error}") from error
        if heard != [""]:
            raise Unavailable(f"the other Kafka did not take a head: {''.join(heard) or 'no answer'}")
