"""A model server that costs nothing: it says the last message again by the OpenAI API, ``pause`` after a pause.

python -m benchmarks.peers.upstream PORT
"""

import asyncio
import sys
import time
from typing import Any

import orjson
import uvloop
from aiohttp import web

from benchmarks.crossings.steps import PAUSE_S


async def answer(request: web.Request) -> web.Response:
    """One chat completion; not streamed."""
    asked = orjson.loads(await request.read())
    if asked["model"].endswith("pause"):
        await asyncio.sleep(PAUSE_S)
    return web.Response(body=orjson.dumps(completion(asked)), content_type="application/json")


def completion(asked: dict[str, Any]) -> dict[str, Any]:
    text = asked["messages"][-1]["content"]
    count = len(str(text).split())
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked["model"],
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": count, "completion_tokens": count, "total_tokens": 2 * count},
    }


async def serve(port: int) -> None:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
