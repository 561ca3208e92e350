"""A worker process: the models of one pool or several, or the training of new ones."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import chain

from infra import logs
from infra.settings import Settings
from streams.app import Parts
from streams.deadletter.box import DeadLetters
from streams.delivery import App, add_agent, guarded, new_app, running
from streams.erasure.opened import Opened
from streams.inference.agent import Inference, Runners
from streams.inference.attempts import Attempts
from streams.inference.cancels import Cancels
from streams.inference.models import LoadedModels
from streams.outbox import Outbox
from streams.process import serving

AHEAD = 32
"""Records of one lane that a worker holds beyond those that its engines have slots for, so that they can take turns.

All others stay in Kafka, and so does the lag of those that are held: an offset is committed when the work is done. Who
takes turns is who was read. Within a partition records are read as they came, so behind a tenant's flood the others
wait until it is read; how much of it one tenant may send is bounded on the way in, by its requests per minute.
"""


async def run(settings: Settings, pools: Sequence[str]) -> None:
    """Run until the task is cancelled. ``pools`` is one or several of the topic table's, or ``training`` alone."""
    logs.configure(settings)
    name = f"worker-{'-'.join(pools)}"
    parts = Parts.of(settings, name)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(parts.running(settings, name))
        if "training" in pools:
            await stack.enter_async_context(running(app := training_app(settings, parts)))
            await serving(settings, name, parts.metrics, [app])
        cancels = Cancels()
        follower = cancels.follower(settings, f"headrace-{name}")
        await follower.start()
        stack.push_async_callback(follower.stop)
        attempts = Attempts()
        attempts.open(settings.state / "working")
        stack.callback(attempts.close)
        models = LoadedModels(settings, parts.manifest, pools, parts.objects, parts.metrics, parts.vault)
        stack.push_async_callback(models.stop)
        for model in models.names:
            await models.load(model)
        lanes = [
            inference_apps(settings, parts, pool, models, cancels, attempts, slots=models.slots(pool)) for pool in pools
        ]
        apps = list(chain(*lanes))
        await stack.enter_async_context(running(*apps))
        await serving(settings, name, parts.metrics, apps, lambda: models.ready)


def inference_apps(
    settings: Settings,
    parts: Parts,
    pool: str,
    models: Runners,
    cancels: Cancels,
    attempts: Attempts,
    *,
    slots: int,
) -> list[App]:
    """An app for each lane, so that a backlog of one does not hold up the other; they share the engines' ``slots``."""
    outbox = Outbox(parts.publisher, parts.names, f"worker-{pool}", parts.vault)
    letters = DeadLetters(outbox, parts.metrics)
    inference = Inference(models, cancels, outbox, letters, parts.metrics, settings.worker, attempts)
    handler = Opened(inference, parts.vault)
    apps = []
    for lane in ("", "-batch"):
        app = new_app(settings, f"worker-{pool}{lane}", buffer=AHEAD // 2)
        handle = guarded(handler, handler.give_up, settings.limits, parts.metrics, f"worker-{pool}")
        topic = parts.names.work(pool, "batch" if lane else "interactive")
        add_agent(app, [topic], handle, in_flight=slots + AHEAD, ordered=False)
        apps.append(app)
    return apps


def training_app(settings: Settings, parts: Parts) -> App:
    """One job at a time."""
    from streams.training.agent import Training

    outbox = Outbox(parts.publisher, parts.names, "worker-training", parts.vault)
    handler = Training(settings, parts.registry, parts.manifest, parts.objects, outbox, parts.vault)
    app = new_app(settings, "worker-training", buffer=4)
    handle = guarded(handler, handler.give_up, settings.limits, parts.metrics, "training")
    add_agent(app, [parts.names("training")], handle, in_flight=1)
    return app
