"""Time grows with the text, whatever the text is, and whatever it is made to be."""

import base64
import time
from collections.abc import Callable

import pytest

from infra.policies import default_policy
from streams.screening.catalogue import DETECTORS
from streams.screening.detector import Rules
from streams.screening.prefix import Char, Choice, Node, Repeat, Sequence, _Reader
from streams.screening.screener import Screener

SCREENER, POLICY = Screener(), default_policy().screening
SMALL, GROWTH = 20_000, 8
HARDLY = 0.02
"""Seconds that say nothing about growth."""
B64 = base64.b64encode(b"mail ann@example.com ok!").decode()
UNITS = (
    "a", "1", "1 ", "a\u200b", B64, B64 + " ", "%25", "%41%20", "&#97;", "\\u4f60", "=41", "一三八", "a b ", "好 ",
    "1gn0r3 ", "snoitcurtsni ", "vtaber ", "ann at example dot com ", "a at ", "a @ ", "a.", "69 67 ", "01100001 ",
    "one ", "\ud800", "\x00", "а", "a@b.com ", "ignore all ", "' or 1=", "4111 1111 1111 1112 ", "请问，", "=", "%",
    "\\", "&", "moc.a@", "O0", "a [at] ", "U+0061 ", "\U000e0061", "\n", "0x41,", "tel: ", "<img ", "{{",
)  # fmt: skip
SIGNS = {"s": " ", "d": "1", "w": "a", "n": "\n", "S": "a", "D": "a", "W": "-", "t": "\t"}


def sample(node: Node) -> str:
    """Something that the pattern matches, each repeat a few times."""
    match node:
        case Char(source):
            return of_class(source[1:-1]) if source.startswith("[") else of_class(source)
        case Repeat(body, low, high):
            return sample(body) * min(max(low, 3), high if high is not None else 3)
        case Sequence(parts):
            return "".join(map(sample, parts))
        case Choice(options):
            return sample(options[0])


def of_class(inside: str) -> str:
    if inside.startswith("^"):
        return next(each for each in "x~ 1" if each not in inside)
    return SIGNS.get(inside[1], inside[1]) if inside.startswith("\\") else inside[0]


def nearly(detector: Rules) -> str:
    """What the rules of a detector find, but for the last character."""
    return " ".join(sample(_Reader(f"{rule.lead}{rule.pattern}").choice())[:-1] for rule in detector.rules)


def seconds(text: str) -> float:
    def once() -> float:
        start = time.thread_time()
        SCREENER.screen(text, "prompt", POLICY, "v1")
        return time.thread_time() - start

    return min(once(), once())


def grows_with_the_text(unit: str) -> bool:
    small, large = unit * (SMALL // len(unit) + 1), unit * (4 * SMALL // len(unit) + 1)
    took = seconds(large)
    return took < HARDLY or took < GROWTH * seconds(small)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("unit", UNITS)
def test_disguises_take_linear_time(unit: str) -> None:
    assert grows_with_the_text(unit)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: each.name)
def test_rules_take_linear_time(detector: Rules) -> None:
    assert grows_with_the_text(nearly(detector))


def nested(text: str, encode: Callable[[bytes], bytes], times: int) -> str:
    data = text.encode()
    for _ in range(times):
        data = encode(data)
    return data.decode()


@pytest.mark.timeout(60)
def test_encodings_without_end_have_one() -> None:
    deep = nested("mail ann@example.com", base64.b64encode, 24)
    assert SCREENER.screen(deep, "prompt", POLICY, "v1").verdict.reason == "nothing found"
    assert SCREENER.screen("%25" * 300_000, "prompt", POLICY, "v1").verdict.reason == "nothing found"
    shallow = nested("mail ann@example.com", base64.b64encode, 5)
    assert SCREENER.screen(shallow, "prompt", POLICY, "v1").verdict.reason.endswith("1 EMAIL")


@pytest.mark.timeout(60)
def test_a_hundred_thousand_finds_are_counted_and_a_hundred_told() -> None:
    verdict = SCREENER.screen("a@b.com " * 100_000, "prompt", POLICY, "v1").verdict
    assert verdict.reason.endswith("100000 EMAIL")
    assert len(verdict.findings) == 100
