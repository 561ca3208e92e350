"""``headrace limits`` on a real Valkey."""

import asyncio
import json

from infra.redis import Store
from infra.settings import Settings
from streams.abuse.standing import Offender, Standings
from tests.streams.cli.conftest import Run


async def offend(settings: Settings, count: int) -> None:
    store = Store(settings)
    standings = Standings(store, settings.abuse)
    for number in range(count):
        await standings.note(Offender("acme", "k1"), f"r{number}")
    await standings.note(Offender("other"), "r")
    await store.close()


def test_shows_who_is_suspended_and_lifts_it(run: Run, settings: Settings) -> None:
    run("topics", "create")
    asyncio.run(offend(settings, 101))
    rows = {(row["tenant"], row["key"]): row for row in json.loads(run("limits", "show", "--json").output)}
    assert rows["acme", "k1"]["standing"] == "suspended"
    assert rows["acme", "k1"]["until"].endswith("Z")
    assert (rows["other", ""]["standing"], rows["other", ""]["until"]) == ("good", "")
    assert "other" not in run("limits", "show", "--tenant", "acme").output

    assert "key k1 may ask again" in run("limits", "lift", "acme", "--key", "k1").output
    again = run("limits", "lift", "acme", "--key", "k1")
    assert (again.exit_code, "nothing blocked lately" in again.output) == (1, True)
