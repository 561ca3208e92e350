"""JSON to the client, readable in any language: UTF-8 as it is, nothing escaped that need not be."""

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web


def reply(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=orjson.dumps(data), status=status, headers=headers, content_type="application/json")
