"""The AsyncAPI 3.0 document: every topic of the table with the events it carries."""

from typing import Any

from infra.settings import Settings
from infra.topics import Names, Topic, table
from schemas.access import Access
from schemas.audit import Audit
from schemas.base import Event
from schemas.cloudevents import PREFIX
from schemas.erasure import Erasure, Hold, Purged, Refused
from schemas.export import components, name_of
from schemas.failures import Failure
from schemas.feedback import Example, Feedback
from schemas.registry import Key, ModelVersion, Policy, Prompt
from schemas.requests import Request
from schemas.responses import Chunk, Response
from schemas.results import Delta, Ended, Final, Handover
from schemas.screened import Backscan, Review, Screened, ScreenRequest
from schemas.training import TrainingJob, TrainingProgress, TrainingResult
from schemas.uploads import Upload
from schemas.work import Cancel, Work

Carried = tuple[type[Event], ...]
CARRIED: dict[str, Carried] = {
    "requests": (Request,),
    "uploads": (Upload,),
    "feedback": (Feedback,),
    "responses": (Response,),
    "chunks": (Chunk,),
    "audit": (Audit,),
    "accesses": (Access,),
    "work": (Work,),
    "cancels": (Cancel,),
    "results": (Delta, Final, Ended, Handover),
    "examples": (Example,),
    "training": (TrainingJob, TrainingProgress, TrainingResult),
    "models": (ModelVersion,),
    "prompts": (Prompt,),
    "policies": (Policy,),
    "keys": (Key,),
    "deadletter": (Failure,),
    "erasures": (Erasure, Purged, Refused, Hold),
    "screening.requests": (ScreenRequest,),
    "screening.verdicts": (Screened,),
    "backscans": (Backscan,),
    "reviews": (Review,),
}
"""By the first part of a topic's name. What is in the table and not here carries nothing yet."""

OPERATIONS: dict[str, tuple[str, str]] = {
    "requests": ("receive", "Ask: a bare JSON object with 'messages' is enough"),
    "uploads": ("receive", "Hand in a picture, inline or by reference"),
    "feedback": ("receive", "Say what an answer was worth, or correct it"),
    "responses": ("send", "The one end of each request"),
    "chunks": ("send", "Screened pieces of streamed answers"),
    "audit": ("send", "Every decision with its reason and versions"),
    "screening.requests": ("receive", "Have a text screened that goes to no model of ours"),
    "screening.verdicts": ("send", "The verdict on each"),
    "deadletter": ("send", "What could not be handled, with its original bytes"),
}
"""What people outside do, as seen from the platform."""


def asyncapi(settings: Settings) -> dict[str, Any]:
    """The document under the settings' prefix, with the topics of each bound tenant."""
    topics = [topic for topic in table(settings) if carried(topic)]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Headrace",
            "version": "1.0.0",
            "description": "Requests, uploads, feedback and audit of large models as Kafka topics. "
            "Records are CloudEvents 1.0 in Kafka's binary binding; a bare JSON value without headers is as valid.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic, settings) for topic in topics},
        "operations": {topic.name: _operation(topic) for topic in topics if topic.name in OPERATIONS},
        "components": {
            "messages": {name_of(event): _message(event) for events in CARRIED.values() for event in events},
            "schemas": {**components("#/components/schemas/{model}"), "Headers": HEADERS},
        },
    }


def carried(topic: Topic) -> Carried:
    """The events of a topic."""
    return CARRIED.get(topic.name) or CARRIED.get(topic.name.partition(".")[0], ())


def _channel(topic: Topic, settings: Settings) -> dict[str, Any]:
    name, config = Names(settings.kafka)(topic.name), topic.config()
    retention = {} if topic.keep_ms < 0 else {"retention.ms": topic.keep_ms}
    return {
        "address": name,
        "messages": {name_of(event): {"$ref": f"#/components/messages/{name_of(event)}"} for event in carried(topic)},
        "bindings": {
            "kafka": {
                "topic": name,
                "partitions": topic.partitions or settings.kafka.partitions,
                "replicas": settings.kafka.replication,
                "topicConfiguration": {
                    "cleanup.policy": [config["cleanup.policy"]],
                    **retention,
                    "max.message.bytes": topic.max_bytes,
                },
            }
        },
    }


def _operation(topic: Topic) -> dict[str, Any]:
    action, summary = OPERATIONS[topic.name]
    return {"action": action, "channel": {"$ref": f"#/channels/{topic.name}"}, "summary": summary}


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": f"{PREFIX}{event.__name__.lower()}.v1",
        "title": event.__name__,
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
    }


HEADERS: dict[str, Any] = {
    "type": "object",
    "description": "CloudEvents attributes, W3C trace context, and who signed the record. None is needed.",
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string"},
        "ce_source": {"type": "string"},
        "ce_type": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "content-type": {"const": "application/json"},
        "traceparent": {"type": "string"},
        "headrace-key-id": {"type": "string"},
        "headrace-signature": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
}
