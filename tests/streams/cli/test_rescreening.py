"""``headrace screening backscan`` on a real log."""

import asyncio
import json
from pathlib import Path

from infra.broker import KafkaPublisher
from infra.reader import read_all
from infra.settings import Settings
from infra.topics import Names
from schemas.responses import Response
from schemas.screened import Backscan
from schemas.screening import Action
from tests.streams.cli.conftest import Run
from tests.streams.making import ALLOWED, response

CARD = "4111111111111111"


def written(settings: Settings, *answers: Response) -> None:
    async def write() -> None:
        publisher, names = KafkaPublisher(settings.kafka, client_id="test"), Names(settings.kafka)
        await publisher.start()
        for number, content in enumerate((f"my card is {CARD}", "hello, 你好")):
            value = json.dumps({"id": f"r{number}", "messages": [{"role": "user", "content": content}]}).encode()
            await publisher.publish(names("requests"), value, key=f"r{number}")
        await publisher.publish(names("requests"), b"no json")
        for answer in answers:
            await publisher.publish(names("responses"), answer.model_dump_json().encode(), key=answer.id)
        await publisher.stop()

    asyncio.run(write())


def published(settings: Settings) -> list[Backscan]:
    async def read() -> list[Backscan]:
        topics = [Names(settings.kafka)("backscans")]
        return [Backscan.model_validate_json(each.value or b"") async for each in read_all(settings.kafka, topics)]

    return asyncio.run(read())


def test_history_is_screened_again_once_and_without_content(run: Run, settings: Settings, tmp_path: Path) -> None:
    run("topics", "create")
    blocked = ALLOWED.model_copy(update={"action": Action.BLOCK})
    written(settings, response(id="r1", text=f"pay with {CARD}"), response(id="r2", text=CARD, verdict=blocked))
    policy = tmp_path / "stricter.yaml"
    table = "{CREDIT_CARD: block}"
    policy.write_text(
        f"name: x\nscreening: {{actions: {{prompt: {table}, output: {table}}}}}\nrouting: {{default: echo}}\n"
    )
    first = run("screening", "backscan", "--since", "earliest", "--policy", str(policy), "--json")
    said = json.loads(first.output)
    assert said["unread"] == 1
    assert said["tenants"]["local"] == {
        "records": 2, "measures": {"block": 1}, "entities": {"CREDIT_CARD": 1}, "stricter": 1,
    }  # fmt: skip
    assert (said["tenants"]["acme"]["measures"], said["tenants"]["acme"]["stricter"]) == ({"block": 2}, 1)
    found = published(settings)
    assert {(each.request_id, each.direction, each.before) for each in found} == {
        ("r0", "prompt", None),
        ("r1", "output", "allow"),
        ("r2", "output", "block"),
    }
    assert CARD not in first.output
    assert CARD not in "".join(each.model_dump_json() for each in found)

    again = run("screening", "backscan", "--since", "earliest", "--policy", str(policy))
    assert again.output == "nothing new on the log\n"
    bounded = run("screening", "backscan", "--again", "--most", "2", "--policy", str(policy), "--json")
    seen = json.loads(bounded.output)
    assert sum(each["records"] for each in seen["tenants"].values()) + seen["unread"] == 2
    rest = json.loads(run("screening", "backscan", "--policy", str(policy), "--json").output)
    assert sum(each["records"] for each in rest["tenants"].values()) + rest["unread"] == 3
    assert {each.id for each in published(settings)} == {each.id for each in found}  # repeats are recognised


def test_a_version_that_is_not_there_is_told(run: Run) -> None:
    run("topics", "create")
    done = run("screening", "backscan", "--policy", "ffffffffffff")
    assert (done.exit_code, "no policy file or version" in done.output) == (1, True)
