"""A worker process: the models of one pool or several, or the training of new ones."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from infra import logs
from infra.settings import Settings
from streams.app import Parts
from streams.deadletter.box import DeadLetters
from streams.delivery import App, add_agent, guarded, new_app, running
from streams.inference.agent import Inference, Runners
from streams.inference.cancels import Cancels
from streams.inference.models import LoadedModels
from streams.outbox import Outbox
from streams.process import serving

LANE = 64
"""Records of one lane that a worker holds at once; those that wait for a slot are few bytes."""


async def run(settings: Settings, pools: Sequence[str]) -> None:
    """Run until the task is cancelled. ``pools`` is one or several of the topic table's, or ``training`` alone."""
    logs.configure(settings)
    name = f"worker-{'-'.join(pools)}"
    parts = Parts.of(settings, name)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(parts.running(settings, name))
        if "training" in pools:
            apps = [training_app(settings, parts)]
        else:
            cancels = Cancels()
            follower = cancels.follower(settings, f"headrace-{name}")
            await follower.start()
            stack.push_async_callback(follower.stop)
            models = LoadedModels(settings, parts.manifest, pools, parts.objects, parts.metrics)
            for model in models.names:
                await models.load(model)
            apps = [inference_app(settings, parts, pool, models, cancels) for pool in pools]
        await stack.enter_async_context(running(*apps))
        await serving(settings, name, parts.metrics, apps)


def inference_app(settings: Settings, parts: Parts, pool: str, models: Runners, cancels: Cancels) -> App:
    """One app with two lanes; the engines' slots go to the interactive one first."""
    outbox = Outbox(parts.publisher, parts.names, f"worker-{pool}")
    handler = Inference(models, cancels, outbox, DeadLetters(outbox, parts.metrics), parts.metrics, {})
    app = new_app(settings, f"worker-{pool}", buffer=LANE)
    for priority in ("interactive", "batch"):
        handle = guarded(handler, handler.give_up, settings.limits, parts.metrics, f"worker-{pool}")
        add_agent(app, [parts.names.work(pool, priority)], handle, in_flight=LANE)
    return app


def training_app(settings: Settings, parts: Parts) -> App:
    """One job at a time."""
    from streams.training.agent import Training

    outbox = Outbox(parts.publisher, parts.names, "worker-training")
    handler = Training(settings, parts.registry, parts.manifest, parts.objects, outbox)
    app = new_app(settings, "worker-training", buffer=4)
    handle = guarded(handler, handler.give_up, settings.limits, parts.metrics, "training")
    add_agent(app, [parts.names("training")], handle, in_flight=1)
    return app
