"""``GET /openapi.json``: OpenAPI 3.1, made from the models that the endpoints read with."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from schemas.responses import Response
from streams.gateway.asked import Chat, Completion, Embedding, Opinion, Rerank, Submission
from streams.gateway.replies import reply

REF = "#/components/schemas/{model}"
MULTIPART = {
    "type": "object",
    "required": ["file"],
    "properties": {"file": {"type": "string", "format": "binary"}, "purpose": {"type": "string"}},
}


@dataclass(frozen=True)
class Operation:
    """One row of the table below. ``media`` is of the answer."""

    method: str
    path: str
    summary: str
    body: type[BaseModel] | None = None
    status: int = 200
    media: str = "application/json"
    scope: str | None = "requests"
    form: bool = False
    answer: type[BaseModel] | None = None


OPERATIONS = (
    Operation("post", "/v1/chat/completions", "Answer a conversation, whole or as server-sent events", Chat),
    Operation("post", "/v1/completions", "Continue a text, whole or as server-sent events", Completion),
    Operation("post", "/v1/embeddings", "Turn texts into vectors", Embedding),
    Operation("post", "/v1/rerank", "Order texts by how well they answer a query", Rerank),
    Operation("get", "/v1/models", "List the models", scope="any"),
    Operation("get", "/v1/models/{id}", "Show one model", scope="any"),
    Operation("post", "/v1/files", "Upload a file", scope="files", form=True),
    Operation("get", "/v1/files", "List the files", scope="files"),
    Operation("get", "/v1/files/{id}", "Show one file", scope="files"),
    Operation("get", "/v1/files/{id}/content", "Read a file", scope="files", media="application/octet-stream"),
    Operation("delete", "/v1/files/{id}", "Delete a file", scope="files"),
    Operation("post", "/v1/requests", "Submit a request to be answered later", Submission, status=202),
    Operation("get", "/v1/requests/{id}", "Poll a request; ?wait= seconds at most 60", answer=Response),
    Operation("delete", "/v1/requests/{id}", "Withdraw a request", status=202),
    Operation("post", "/v1/feedback", "Say what an answer was worth", Opinion, status=201, scope="feedback"),
    Operation("get", "/v1/audit/events", "Follow the audit log", media="text/event-stream", scope="auditor"),
    Operation("get", "/v1/audit/requests/{id}", "Tell all that was decided about a request", scope="auditor"),
    Operation("get", "/v1/audit/checkpoints", "Show the signed heads of the audit log", scope="auditor"),
    Operation("get", "/health/live", "Whether the process runs", scope=None),
    Operation("get", "/health/ready", "Whether requests can be taken", scope=None),
    Operation("get", "/metrics", "Prometheus metrics", scope=None, media="text/plain"),
)


class OpenApi:
    def routes(self) -> Iterable[web.RouteDef]:
        return [web.get("/openapi.json", self.get)]

    async def get(self, http: web.Request) -> web.Response:
        return reply(document())


@cache
def document() -> dict[str, Any]:
    models = dict.fromkeys(model for row in OPERATIONS for model in (row.body, row.answer) if model)
    _, schemas = models_json_schema([(model, "validation") for model in models], ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Headrace", "version": "1", "description": "The OpenAI API over Kafka, and what it lacks."},
        "paths": paths,
        "components": {
            "schemas": {**schemas["$defs"], "Error": _error()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _described(operation: Operation) -> dict[str, Any]:
    answer = {"schema": {"$ref": REF.format(model=operation.answer.__name__)}} if operation.answer else {}
    described: dict[str, Any] = {
        "summary": operation.summary,
        "operationId": _name(operation),
        "responses": {
            str(operation.status): {"description": "Success", "content": {operation.media: answer}},
            "default": {
                "description": "Failure",
                "content": {"application/json": {"schema": {"$ref": REF.format(model="Error")}}},
            },
        },
        "parameters": _parameters(operation),
    }
    if operation.scope:
        described["security"] = [{"key": [] if operation.scope == "any" else [operation.scope]}]
    if operation.body:
        described["requestBody"] = _content("application/json", {"$ref": REF.format(model=operation.body.__name__)})
    if operation.form:
        described["requestBody"] = _content("multipart/form-data", MULTIPART)
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    parameters = []
    if "{id}" in operation.path:
        parameters.append({"name": "id", "in": "path", "required": True, "schema": {"type": "string"}})
    if operation.answer:
        schema = {"type": "number", "minimum": 0, "maximum": 60, "default": 0}
        parameters.append({"name": "wait", "in": "query", "schema": schema})
    if operation.method == "post":
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 255}})
    return parameters


def _content(media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {media: {"schema": schema}}}


def _name(operation: Operation) -> str:
    words = [word.strip("{}") for word in operation.path.split("/") if word not in ("", "v1")]
    return "-".join([operation.method, *words])


def _error() -> dict[str, Any]:
    fields = {name: {"type": ["string", "null"]} for name in ("message", "type", "code", "param")}
    return {"type": "object", "properties": {"error": {"type": "object", "properties": fields}}}
