"""What is live, as the registry topics say it: the later record is right, and every version stays known."""

from typing import Any

import pytest

from infra.broker import KafkaPublisher, ensure_topics
from infra.keys import KeyRing, issue
from infra.policies import default_policy
from infra.settings import Settings
from infra.topics import Names
from schemas.errors import InvalidField, NotFound, Unauthenticated, Unavailable
from schemas.policies import document_version
from schemas.registry import ModelVersion, Policy, Prompt
from schemas.requests import PromptRef
from schemas.work import AdapterPin
from streams.outbox import Outbox
from streams.registry import Registry
from tests.waiting import until

SHIPPED = document_version(default_policy())
OURS = default_policy().model_dump(mode="json", exclude_defaults=True)
DOCUMENT = {**OURS, "tenants": {"acme": {"routing": {"default": "big"}}}}


def registry() -> Registry:
    return Registry(KeyRing(bytes(32)), default_policy())


def model(version: str, **fields: Any) -> ModelVersion:
    pin = AdapterPin(name="echo", version=version, uri="objects/00/0", sha256="0" * 64)
    return ModelVersion.model_validate({"name": "echo", "version": version, "status": "live", "adapter": pin, **fields})


def test_policies() -> None:
    made = registry()
    assert made.live_policy == SHIPPED
    made.add_policy(Policy(name="test", version="v2", document=DOCUMENT))
    assert made.live_policy == "v2"
    assert made.policy("v2").routing.default == made.policy("v2", "umbrella").routing.default == "smollm2-135m"
    assert made.policy("v2", "acme").routing.default == "big"
    assert made.policy(SHIPPED, "acme").routing.default == "smollm2-135m"  # what is pinned stays as it was
    with pytest.raises(Unavailable):
        made.policy("v3")


def test_models() -> None:
    made = registry()
    for version in (model("a"), model("b", weight=0.1), model("c", status="refused"), model("d", weight=0.0)):
        made.add_model(version)
    assert [each.version for each in made.live_models("echo")] == ["a", "b"]
    made.add_model(model("a"))  # rolled back to: it is the latest now
    assert [each.version for each in made.live_models("echo")] == ["b", "a"]
    made.add_model(model("a", status="retired"))
    assert [each.version for each in made.live_models("echo")] == ["b"]
    assert made.live_models("other") == []
    assert len(made.model_versions("echo")) == 4


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ({"name": "greet", "variables": {"who": "王"}}, "向王问好 $5"),  # the latest
        ({"name": "greet", "version": "1", "variables": {"who": "$who"}}, "hello $who"),  # nothing is filled in twice
        ({"name": "greet", "version": "3"}, NotFound),
        ({"name": "none"}, NotFound),
        ({"name": "greet"}, InvalidField),
        ({"name": "odd"}, InvalidField),  # "$" alone is no variable
    ],
)
def test_prompts(reference: dict[str, Any], expected: str | type[Exception]) -> None:
    made = registry()
    prompts = ("greet", "1", "hello $who"), ("greet", "2", "向${who}问好 $$5"), ("odd", "1", "100 $ !")
    for name, version, text in prompts:
        made.add_prompt(Prompt(name=name, version=version, text=text))
    if isinstance(expected, str):
        assert made.render(PromptRef.model_validate(reference))[1] == expected
        return
    with pytest.raises(expected):
        made.render(PromptRef.model_validate(reference))


async def test_all_of_it_is_followed_live(settings: Settings) -> None:
    await ensure_topics(settings)
    names, publisher = Names(settings.kafka), KafkaPublisher(settings.kafka, client_id="test")
    outbox, made = Outbox(publisher, names, "test"), registry()
    follower, key = made.follower(settings, "test"), issue("acme", ["requests"], bytes(32))
    await publisher.start()
    try:
        await outbox.policy(Policy(name="test", version="v2", document=DOCUMENT))
        await publisher.publish(names("policies"), b'{"name": "broken"}', key="broken@1")
        await publisher.publish(names("models"), None, key="echo@gone")
        await follower.start()
        await follower.caught_up()
        assert made.live_policy == "v2"
        with pytest.raises(Unauthenticated):
            made.keys.authenticate(key.secret)
        await outbox.key(key.record)
        await outbox.model(model("a"))
        await outbox.prompt(Prompt(name="greet", version="1", text="hello"))
        await until(lambda: bool(made.live_models("echo")) and made.keys.get(key.id) is not None)
        assert made.keys.authenticate(key.secret).tenant == "acme"
    finally:
        await follower.stop()
        await publisher.stop()
