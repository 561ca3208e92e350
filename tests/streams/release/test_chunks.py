import pytest

from infra.keys import KeyRing
from infra.policies import default_policy
from schemas.policies import document_version
from streams.registry import Registry
from streams.release.chunks import Streams
from streams.screening.screener import Screener
from tests.streams.making import delta, pins

VERSION = document_version(default_policy())
LONG = "plain words that go on for a while, 一段很长的文字, " * 12


def streams(limit: int = 100) -> Streams:
    return Streams(Registry(KeyRing(bytes(32)), default_policy()), Screener(), limit)


def fed(made: Streams, text: str, step: int = 7, tenant: str = "acme") -> str:
    said = ""
    for at in range(0, len(text), step):
        for chunk in made.feed(delta(at, text[at : at + step], pins=pins(policy=VERSION), tenant=tenant)):
            assert (chunk.id, chunk.tenant, chunk.position) == ("r1", tenant, len(said))
            said += chunk.text
    return said


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_what_is_safe_goes_out_in_order(step: int) -> None:
    said = fed(streams(), LONG, step)
    assert said
    assert LONG.startswith(said)


def test_what_is_found_does_not_go_out() -> None:
    said = fed(streams(), f"mail ann@example.com now. {LONG}")
    assert said.startswith("mail [EMAIL] now.")


def test_repeats_and_gaps_set_nothing_free() -> None:
    made = streams()
    said = fed(made, LONG)
    assert not list(made.feed(delta(7, LONG[7:], pins=pins(policy=VERSION))))  # a repeat
    assert not list(made.feed(delta(len(LONG) + 9, LONG, pins=pins(policy=VERSION))))  # a gap
    assert list(made.feed(delta(len(LONG), LONG, pins=pins(policy=VERSION))))  # it goes on
    assert said


def test_a_stream_whose_beginning_was_elsewhere_says_nothing() -> None:
    assert not list(streams().feed(delta(400, LONG, pins=pins(policy=VERSION))))


def test_streams_end_and_tenants_are_apart() -> None:
    made = streams()
    assert fed(made, LONG) == fed(made, LONG, tenant="umbrella")
    made.end("acme", "r1")
    made.end("acme", "never began")
    assert not list(made.feed(delta(len(LONG), LONG, pins=pins(policy=VERSION))))


def test_the_number_of_open_streams_is_bounded() -> None:
    made = streams(limit=1)
    fed(made, LONG)
    fed(made, LONG, tenant="umbrella")
    assert not list(made.feed(delta(len(LONG), LONG, pins=pins(policy=VERSION))))
