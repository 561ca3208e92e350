from typing import Literal

import pytest

from infra.keys import KeyRing
from infra.policies import default_policy
from schemas.policies import document_version
from schemas.registry import Prompt
from schemas.results import TokenLogprob
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


def told(made: Streams, tokens: list[str], index: int = 0) -> list[TokenLogprob]:
    """What is told of a stream whose every token is a delta with its logprob."""
    said: list[TokenLogprob] = []
    position = 0
    for token in tokens:
        logprobs = (TokenLogprob(token, -0.5),)
        for chunk in made.feed(delta(position, token, index=index, logprobs=logprobs, pins=pins(policy=VERSION))):
            assert (chunk.index, chunk.told) == (index, len(said))
            said += chunk.logprobs
        position += len(token)
    return said


def test_choices_stream_beside_each_other() -> None:
    made = streams()
    for position, part in ((0, LONG), (len(LONG), LONG)):
        for index in (0, 1):
            (chunk,) = made.feed(delta(position, part, index=index, pins=pins(policy=VERSION)))
            assert chunk.index == index


def test_logprobs_go_out_with_the_text_that_their_tokens_spell() -> None:
    tokens = [f"{word} " for word in LONG.split()]
    said = told(streams(), tokens)
    assert said
    assert [each.token for each in said] == tokens[: len(said)]


def test_a_logprob_tells_nothing_that_was_taken_out_of_the_text() -> None:
    tokens = ["mail ", "ann@", "example", ".com ", "now. ", *(f"{word} " for word in LONG.split())]
    assert [each.token for each in told(streams(), tokens)] == ["mail "]


@pytest.mark.parametrize(
    ("text", "role", "streamed"),
    [
        ("Answer for the harbour office. canary-7f3kq92mzx41", "system", False),  # only the whole tells
        ("Answer for the harbour office.", "system", True),  # by default a quote of it is flagged, and goes out
        ("Answer me. canary-7f3kq92mzx41", "user", True),  # its client may know it
    ],
)
def test_a_prompt_that_must_not_get_out_stops_the_stream(
    text: str, role: Literal["system", "user"], streamed: bool
) -> None:
    registry = Registry(KeyRing(bytes(32)), default_policy())
    registry.add_prompt(Prompt(name="desk", version="v1", role=role, text=text))
    made = Streams(registry, Screener())
    said = list(made.feed(delta(0, LONG, pins=pins(policy=VERSION, prompt="desk@v1"))))
    assert bool(said) is streamed
