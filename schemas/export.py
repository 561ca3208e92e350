"""JSON Schema (draft 2020-12) of every event, as readers take them."""

import json
import re
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from schemas.access import Access
from schemas.audit import Audit
from schemas.base import Event
from schemas.erasure import Erasure, Hold, Purged, Refused
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

CLIENT_EVENTS: tuple[type[Event], ...] = (Request, Upload, Feedback, ScreenRequest)
"""Written by clients and read by the platform, which is upgraded first: they may become wider."""

EVENTS: tuple[type[Event], ...] = (
    *CLIENT_EVENTS, Access, Response, Chunk, Audit, Work, Cancel, Delta, Final, Ended, Handover, Example, TrainingJob,
    TrainingProgress, TrainingResult, ModelVersion, Prompt, Policy, Key, Failure, Erasure, Purged, Refused, Hold,
    Screened, Backscan, Review,
)  # fmt: skip


def name_of(event: type[Event]) -> str:
    """``training-job`` for ``TrainingJob``: the name of its file and of its message."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", event.__name__).lower()


def json_schema(event: type[Event]) -> dict[str, Any]:
    """The schema of one event, complete in itself."""
    schema = event.model_json_schema()
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"urn:headrace:schema:{name_of(event)}:v1"}
    return head | schema


def components(ref_template: str) -> dict[str, Any]:
    """The schemas of all events and of what they are made of, each once, under its name."""
    _, found = models_json_schema([(event, "validation") for event in EVENTS], ref_template=ref_template)
    definitions: dict[str, Any] = found["$defs"]
    return definitions


def documents() -> dict[str, dict[str, Any]]:
    """All schemas by name."""
    return {name_of(event): json_schema(event) for event in EVENTS}


def render(document: dict[str, Any]) -> str:
    """A document as text: the same content is the same bytes."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
