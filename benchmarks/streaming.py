"""What screening adds to an answer that streams: how many pieces a text waits, and what a piece costs."""

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from benchmarks.labelled.texts import Text, digest, plain
from benchmarks.report import Report
from benchmarks.samples import Sample, turns
from infra.policies import default_policy
from infra.settings import Settings
from schemas.policies import ScreeningPolicy
from schemas.screening import Measure
from schemas.treatments import Treatment
from streams.screening.learned.selection import classifiers
from streams.screening.screener import Screener
from streams.screening.stream import StreamScreen

ANSWERS, LENGTH = 100, 600
SHIPPED, RULES, FLAGGED = "as shipped", "rules alone", "harm flagged in answers"
_PIECE = re.compile(r"\s?[A-Za-z]{1,6}|[\u3400-\u9fff]{1,2}|\s?[0-9]{1,3}|.", re.DOTALL)
"""About what tokenisers make of a text."""


@dataclass(frozen=True)
class Contender:
    name: str
    screener: Screener
    policy: ScreeningPolicy


def arguments(_parser: argparse.ArgumentParser) -> None:
    """None of its own."""


async def run(given: argparse.Namespace) -> Report:
    cases = {each: answers(each) for each in ("English", "Chinese")}
    data = {case: f"{len(texts)} answers of {LENGTH} characters, {digest(texts)}" for case, texts in cases.items()}
    report = Report("streaming", {"rounds": given.rounds, **data})
    for number, contender in turns(contenders(), given.rounds):
        for case, texts in cases.items():
            report.samples.append(measured(contender, case, texts, number))
    return report


def contenders() -> list[Contender]:
    policy = default_policy().screening
    learned = Screener(classifiers(Settings().screening))
    table = policy.actions["output"] | {"harm": Treatment(action=Measure.FLAG)}
    flagged = policy.model_copy(update={"actions": {**policy.actions, "output": table}})
    return [
        Contender(SHIPPED, learned, policy),
        Contender(RULES, Screener(), policy),
        Contender(FLAGGED, learned, ScreeningPolicy.model_validate(flagged.model_dump())),
    ]


def answers(language: str) -> list[Text]:
    """Ordinary lines, put together in different orders."""
    lines = [text.text for text in plain("ordinary_en" if language == "English" else "ordinary_zh")]
    joined = ["".join(f"{line}\n" for line in lines[at:] + lines[:at]) for at in range(0, len(lines))]
    return [Text((joined[at % len(joined)])[:LENGTH]) for at in range(ANSWERS)]


def pieces(text: str) -> list[str]:
    return _PIECE.findall(text)


def measured(contender: Contender, case: str, texts: Sequence[Text], number: int) -> Sample:
    """Waits are counted in pieces: how many more must be there before a character leaves than the one it came in."""
    first, waits, seconds, finishing, count = list[int](), list[int](), 0.0, 0.0, 0
    for text in texts:
        stream = StreamScreen(contender.screener, "output", contender.policy, "bench")
        cut, left = pieces(text.text), list[int]()
        for piece in cut:
            began = time.perf_counter()
            left.append(len(stream.feed(piece)))
            seconds += time.perf_counter() - began
        began = time.perf_counter()
        left[-1] += len(stream.finish()[0])
        finishing += time.perf_counter() - began
        count += len(cut)
        each = list(waited(cut, left))
        waits += each
        first.append(each[0])
    values = {
        "first_waits": sum(first) / len(first),
        "waits": sum(waits) / len(waits),
        "us_a_piece": seconds / count * 1e6,
        "us_at_the_end": finishing / len(texts) * 1e6,
    }
    return Sample(number, contender.name, case, values)


def waited(cut: Sequence[str], left: Sequence[int]) -> Iterator[int]:
    """For each piece, how many others came before its last character left."""
    gone = list(accumulate(left))
    at = 0
    for number, end in enumerate(accumulate(map(len, cut))):
        while at < len(gone) - 1 and gone[at] < end:
            at += 1
        yield max(0, at - number)
