"""A real Apache Kafka from pip alone."""

from infra.kafka.server import EmbeddedKafka

__all__ = ["EmbeddedKafka"]
