"""The long-running processes: gateway, control, workers, and Kafka itself."""

import asyncio
import gc
import signal
from collections.abc import Coroutine
from typing import Any

import click

from infra.topics import POOLS
from streams.cli.options import load_settings
from streams.cli.root import Failed

RUNNABLE = (*POOLS, "training")


def serve(main: Coroutine[Any, Any, None]) -> None:
    """Run until SIGTERM or SIGINT, which cancel it so that it ends in order."""
    import uvloop

    async def until_stopped() -> None:
        task = asyncio.ensure_future(main)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        try:
            await task
        except asyncio.CancelledError:
            if not task.cancelled():
                raise

    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_stopped())


class Pools(click.ParamType):
    """Names of pools with commas between them."""

    name = "pools"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        pools = tuple(dict.fromkeys(str(value).split(",")))
        if unknown := [pool for pool in pools if pool not in RUNNABLE]:
            self.fail(f"there is no pool {unknown[0]!r}; choose of {', '.join(RUNNABLE)}", param, ctx)
        if "training" in pools and len(pools) > 1:
            self.fail("training takes a process of its own: it would starve the others", param, ctx)
        return pools


@click.command(epilog="Example: HEADRACE_GATEWAY__PORT=8000 headrace gateway")
def gateway() -> None:
    """Run the HTTP gateway: the OpenAI API, files, feedback, health and metrics."""
    from streams.gateway.server import run

    serve(run(load_settings()))


@click.command(epilog="Example: headrace control")
def control() -> None:
    """Run the way in (admit, screen, cache, route), the way out, and what is watched.

    Any number of these may run: Kafka spreads the partitions over them.
    """
    from streams.control import run

    serve(run(load_settings()))


@click.command(epilog="Example: headrace worker text,embed")
@click.argument("pools", type=Pools(), metavar="POOL[,POOL]")
def worker(pools: tuple[str, ...]) -> None:
    """Run the models of one pool or several: text, vision, speech, embed, remote; or training."""
    from streams.worker import run

    serve(run(load_settings(), pools))


@click.command(epilog="Example: HEADRACE_KAFKA__PORT=19092 headrace kafka")
def kafka() -> None:
    """Run one-node Apache Kafka on loopback; its data is in the state folder and survives restarts."""
    from infra.kafka import EmbeddedKafka
    from streams.cli.progress import fetching

    settings = load_settings()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with fetching("Kafka") as progress:
        server = EmbeddedKafka(settings.state / "kafka", settings.kafka.port, progress=progress)
        server.start()
    try:
        click.echo(f"Kafka listens on {server.servers}; its log is {server.log}")
        status = server.wait()
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        server.stop()
    else:
        raise Failed(f"Kafka ended with status {status}; see {server.log}")
