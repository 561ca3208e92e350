"""The gateway process: the application on its real parts."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta

from aiohttp import web

from infra import logs
from infra.broker import KafkaPublisher, ensure_topics
from infra.keys import KeyRing, master_key
from infra.metrics import Metrics
from infra.objects import ObjectStore
from infra.policies import default_policy
from infra.reader import Follower
from infra.redis import Store
from infra.settings import KafkaSettings, Settings
from infra.signing import signing_key_of
from infra.topics import Names
from infra.vault.build import build_vault
from infra.vault.vault import Vault
from schemas.errors import Unavailable
from streams.audit.trail import Trail
from streams.erasure.news import forgetting
from streams.gateway.answers import Answers
from streams.gateway.app import create_gateway
from streams.gateway.parts import GatewayKey, Parts, ShownModel
from streams.gateway.submitted import Submitted
from streams.process import serving
from streams.registry import Registry
from streams.release.store import AnswerStore
from workers.models.manifest import Manifest

CLIENT = "headrace-gateway"
REMEMBERED = timedelta(minutes=10)
STOP_S = 5.0
PROBE_S = 1.0


async def run(settings: Settings) -> None:
    """Run until the task is cancelled; then take nothing new, let withdrawals reach the log, and close.

    Raises:
        Unavailable: Kafka does not answer, the port is taken, or there is no gateway key.
    """
    logs.configure(settings)
    metrics = Metrics()
    async with running(settings, metrics):
        await serving(settings, "gateway", metrics)


@asynccontextmanager
async def running(settings: Settings, metrics: Metrics) -> AsyncIterator[None]:
    """A gateway that listens, and knows the keys and all recent answers."""
    async with AsyncExitStack() as stack:
        parts = await _connected(settings, metrics, stack)
        app = create_gateway(settings, parts)
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=STOP_S)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        gateway = settings.gateway
        try:
            await web.TCPSite(runner, gateway.host, gateway.port).start()
        except OSError as error:
            raise Unavailable(
                f"the gateway cannot listen on {gateway.host}:{gateway.port} ({error.strerror}): "
                "free it, or set HEADRACE_GATEWAY__PORT"
            ) from error
        yield


async def _connected(settings: Settings, metrics: Metrics, stack: AsyncExitStack) -> Parts:
    key = gateway_key(settings)
    names, store = Names(settings.kafka), Store(settings)
    stack.push_async_callback(store.close)
    registry = Registry(KeyRing(master_key(settings)), default_policy())
    vault = build_vault(settings)
    stack.push_async_callback(vault.close)
    await vault.check()
    answers = Answers(AnswerStore(store, settings.cache, vault))
    publisher = KafkaPublisher(settings.kafka, client_id=CLIENT)
    await ensure_topics(settings)
    stack.push_async_callback(publisher.stop)
    await publisher.start()
    followers = _followers(settings, registry, answers, vault)
    for follower in followers.values():
        stack.push_async_callback(follower.stop)
        await follower.start()
    for follower in followers.values():
        await follower.caught_up()
    models = _shown(Manifest.load(settings.models_file))
    return Parts(
        publisher=publisher,
        names=names,
        key=key,
        keys=registry.keys,
        answers=answers,
        submitted=Submitted(store, ttl_s=settings.cache.answers_ttl_s),
        trail=Trail(settings.kafka, publisher, "gateway"),
        objects=ObjectStore(settings),
        meter=metrics,
        models=lambda: models,
        ready=Readiness(settings.kafka, followers, registry.keys, key.id),
        vault=vault,
    )


def _followers(settings: Settings, registry: Registry, answers: Answers, vault: Vault) -> dict[str, Follower]:
    """What the gateway follows, by what it is ready without."""
    kafka, names = settings.kafka, Names(settings.kafka)
    responses, chunks = [names("responses")], [names("chunks")]
    followers = {
        "registry": registry.follower(settings, CLIENT),
        "responses": Follower(kafka, responses, answers.response, since=REMEMBERED, client_id=CLIENT, vault=vault),
        "chunks": Follower(kafka, chunks, answers.chunk, since="latest", client_id=CLIENT, vault=vault),
    }
    if vault.active:
        followers["erasures"] = forgetting(settings, vault, CLIENT)
    return followers


def gateway_key(settings: Settings) -> GatewayKey:
    """The key that this gateway signs with.

    Raises:
        Unavailable: there is none.
        Unauthenticated: what is there is no key.
    """
    path = settings.state / "gateway-key"
    try:
        text = settings.gateway.key.get_secret_value() if settings.gateway.key else path.read_text().strip()
    except OSError as error:
        raise Unavailable(
            f"there is no gateway key in {path}: 'headrace up' makes one, or issue one of scope 'gateway' with "
            "'headrace keys' and put it there or into HEADRACE_GATEWAY__KEY"
        ) from error
    return GatewayKey(text.partition("-")[2].partition("-")[0], signing_key_of(text))


def _shown(manifest: Manifest) -> tuple[ShownModel, ...]:
    """The models of the manifest; ``created`` is when this gateway learnt of them."""
    moment = int(time.time())
    return tuple(
        ShownModel(entry.name, entry.version, moment, tuple(entry.capabilities), entry.context, entry.local)
        for entry in manifest.models
    )


class Readiness:
    """Whether all is there that a request needs: Kafka, the log read to now, and the gateway's own key."""

    def __init__(self, kafka: KafkaSettings, followers: Mapping[str, Follower], keys: KeyRing, key_id: str) -> None:
        self._kafka, self._followers, self._keys, self._key_id = kafka, followers, keys, key_id

    async def __call__(self) -> Mapping[str, bool]:
        own = self._keys.get(self._key_id)
        return {
            "kafka": await reachable(self._kafka.servers.split(",")),
            **{name: follower.ready for name, follower in self._followers.items()},
            "gateway_key": own is not None and not own.revoked and "gateway" in own.scopes,
        }


async def reachable(servers: Sequence[str]) -> bool:
    """Whether one of the servers takes connections."""
    for server in servers:
        host, _, port = server.strip().rpartition(":")
        with suppress(OSError, ValueError, TimeoutError):
            async with asyncio.timeout(PROBE_S):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            writer.close()
            return True
    return False
