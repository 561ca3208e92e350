"""How much of what must be found the screening finds, how often it alarms on ordinary text, and how fast it is."""

import argparse
import asyncio
import importlib.metadata
import json
import re
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.labelled.texts import Text, digest, filled, harmful, hidden, numbers_only, plain, secret
from benchmarks.peers.install import PEERS
from benchmarks.report import Aim, Report
from benchmarks.samples import Sample, percentiles, turns

OURS, RULES = "headrace", "headrace, rules alone"
TOGETHER = "headrace, 128 texts at once"
SEEDS = 20241
CHARS = 250
DOCUMENTS = 4000
_PARAGRAPH = re.compile(r"\n\s*\n")
Span = tuple[str, int, int]


@dataclass(frozen=True)
class Contender:
    """A screener's module in ``benchmarks/screeners``, the peer whose environment it needs, and what it looks for."""

    name: str
    module: str
    looks_for: tuple[str, ...]
    peer: str = ""
    options: tuple[str, ...] = ()

    @property
    def python(self) -> str:
        return str(PEERS[self.peer].path) if self.peer else sys.executable


EVERYTHING = ("pii", "secret", "payload", "injection", "harm")
CONTENDERS = (
    Contender(OURS, "headrace", EVERYTHING),
    Contender(RULES, "headrace", EVERYTHING, options=("--rules",)),
    Contender(TOGETHER, "headrace", (), options=("--together",)),
    Contender("plain re", "plain", EVERYTHING),
    Contender("Presidio", "presidio", ("pii",), "presidio"),
    Contender("argus-redact", "argus", ("pii",), "argus-redact"),
    Contender("detect-secrets", "detect_secrets", ("secret",), "detect-secrets"),
    Contender("libinjection", "injection_library", ("payload",), "libinjection"),
)


@dataclass
class Running:
    """A contender's process."""

    contender: Contender
    process: asyncio.subprocess.Process

    async def find(self, texts: Sequence[Text]) -> tuple[list[float], list[list[Span]]]:
        """Seconds and finds for each text."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([text.text for text in texts]).encode() + b"\n")
        await self.process.stdin.drain()
        answer = json.loads(await self.process.stdout.readline())
        return answer["seconds"], [[(kind, start, end) for kind, start, end in each] for each in answer["found"]]


@dataclass(frozen=True)
class Case:
    """``texts`` of which the finds of one category count: against their spans, or as alarms where they have none."""

    name: str
    category: str
    texts: list[Text] = field(repr=False)


def cases() -> list[Case]:
    chat, documents = plain("ordinary_en", "ordinary_zh"), documentation()
    injections = {name: plain(f"injection_{name}") for name in ("en", "zh")}
    return [
        Case("personal data, English", "pii", filled("personal_en", 4, SEEDS)),
        Case("look-alikes, English", "pii", numbers_only(filled("lookalike_en", 4, SEEDS))),
        Case("personal data, Chinese", "pii", filled("personal_zh", 4, SEEDS)),
        Case("look-alikes, Chinese", "pii", numbers_only(filled("lookalike_zh", 4, SEEDS))),
        Case("hidden personal data", "pii", hidden(SEEDS)),
        Case("secrets", "secret", secret(SEEDS)),
        *(Case(f"prompt injection, {name}", "injection", marked(texts)) for name, texts in injections.items()),
        Case("payloads", "payload", marked(plain("payload"))),
        Case("harmful, Chinese", "harm", harmful("zh")),
        Case("harmful, English", "harm", harmful("en")),
        *(Case(f"ordinary chat: {each}", each, chat) for each in EVERYTHING),
        *(Case(f"documentation: {each}", each, documents) for each in ("secret", "payload", "injection", "harm")),
    ]


def marked(texts: Sequence[Text]) -> list[Text]:
    """Texts that are what is looked for as a whole."""
    return [Text(text.text, ((0, len(text.text)),)) for text in texts]


def documentation() -> list[Text]:
    """Paragraphs of what the installed packages say of themselves: ordinary English, with code in it."""
    found = dict[str, None]()
    for package in sorted(importlib.metadata.distributions(), key=lambda each: each.metadata["Name"] or ""):
        for paragraph in _PARAGRAPH.split((package.read_text("METADATA") or "").partition("\n\n")[2]):
            if 60 <= len(paragraph) <= 1000:
                found[paragraph.strip()] = None
    return [Text(paragraph) for paragraph in list(found)[:DOCUMENTS]]


def chat() -> list[Text]:
    """Ordinary lines put together to texts of some 250 characters."""
    texts, current = list[Text](), ""
    for line in [text.text for _ in range(3) for text in plain("ordinary_en", "ordinary_zh")]:
        current += line + " "
        if len(current) >= CHARS:
            texts.append(Text(current[:CHARS]))
            current = ""
    return texts


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--without", nargs="*", default=[], help="contenders to leave out")


async def run(given: argparse.Namespace) -> Report:
    tested, quick = cases(), chat()
    data = {case.name: f"{len(case.texts)} texts, {digest(case.texts)}" for case in tested}
    absent = {each.name: why for each in CONTENDERS if each.peer and (why := PEERS[each.peer].missing())}
    chosen = [each for each in CONTENDERS if each.name not in (*absent, *given.without)]
    report = Report("screening", {"rounds": given.rounds, "characters of a chat text": CHARS, **data}, absent=absent)
    for contender in chosen:
        async with running(contender) as one:
            for case in tested:
                if case.category in contender.looks_for:
                    report.samples.append(await judged(one, case))
    async with AsyncExitStack() as stack:
        started = [await stack.enter_async_context(running(each)) for each in chosen]
        for number, one in turns(started, given.rounds):
            report.samples.append(await timed(one, quick, number, given.seconds))
    report.aims = aims(report)
    return report


@asynccontextmanager
async def running(contender: Contender) -> AsyncIterator[Running]:
    command = [contender.python, "-m", f"benchmarks.screeners.{contender.module}", *contender.options]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**28,
        cwd=Path(__file__).parents[1],
    )
    assert process.stdout is not None
    assert process.stdin is not None
    await process.stdout.readline()
    try:
        yield Running(contender, process)
    finally:
        process.stdin.close()
        await process.wait()


async def judged(one: Running, case: Case) -> Sample:
    _, found = await one.find(case.texts)
    own = [[(start, end) for kind, start, end in each if kind == case.category] for each in found]
    return Sample(1, one.contender.name, case.name, score(case.texts, own))


def score(texts: Sequence[Text], found: Sequence[Sequence[tuple[int, int]]]) -> dict[str, float]:
    """Recall of the spans and precision of the finds where they overlap; alarms on texts that have no span."""
    wanted = sum(len(text.spans) for text in texts)
    if not wanted:
        return {"alarms": sum(map(bool, found)) / len(texts), "texts": float(len(texts))}
    pairs = list(zip(texts, found, strict=True))
    met = sum(any(overlap(span, each) for each in finds) for text, finds in pairs for span in text.spans)
    right = sum(any(overlap(span, each) for span in text.spans) for text, finds in pairs for each in finds)
    values = {"recall": met / wanted, "spans": float(wanted)}
    if total := sum(map(len, found)):
        values["precision"] = right / total
    return values | {f"recall, {way}": part for way, part in _ways(texts, found).items()}


def _ways(texts: Sequence[Text], found: Sequence[Sequence[tuple[int, int]]]) -> dict[str, float]:
    """Recall by what stands in a span."""
    met = defaultdict[str, list[bool]](list)
    for text, finds in zip(texts, found, strict=True):
        for span, kind in zip(text.spans, text.kinds, strict=False):
            met[kind].append(any(overlap(span, each) for each in finds))
    return {kind: sum(each) / len(each) for kind, each in met.items()}


def overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


async def timed(one: Running, texts: Sequence[Text], number: int, seconds: float) -> Sample:
    taken: list[float] = []
    while sum(taken) < seconds:
        taken += (await one.find(texts))[0]
    spread = percentiles(taken)
    values = {"texts_per_s": len(taken) / sum(taken), "p50_us": spread[50] * 1e6, "p99_us": spread[99] * 1e6}
    return Sample(number, one.contender.name, "speed on chat", values)


def aims(report: Report) -> list[Aim]:
    def value(case: str, metric: str, contender: str = OURS) -> float | None:
        return report.samples.median(contender, case, metric)

    def f1(language: str) -> float | None:
        recall, alarms = value(f"harmful, {language}", "recall"), value("ordinary chat: harm", "alarms")
        if recall is None or alarms is None:
            return None
        right, wrong = recall * len(harmful("zh")), alarms * len(plain("ordinary_en", "ordinary_zh"))
        return 2 * right / (right + wrong + len(harmful("zh")))

    most, least = Aim.at_most, Aim.at_least
    return [
        least("English personal data, recall", 0.92, value("personal data, English", "recall")),
        least("English personal data, precision", 0.92, value("personal data, English", "precision")),
        least("Chinese personal data, recall", 0.99, value("personal data, Chinese", "recall")),
        most("Chinese look-alikes, alarms", 0.02, value("look-alikes, Chinese", "alarms")),
        least("hidden personal data, recall", 0.88, value("hidden personal data", "recall")),
        least("prompt injection in English, recall", 0.60, value("prompt injection, en", "recall")),
        least("prompt injection in Chinese, recall", 0.60, value("prompt injection, zh", "recall")),
        most("prompt injection, alarms on chat", 0.02, value("ordinary chat: injection", "alarms")),
        least("payloads, recall", 0.92, value("payloads", "recall")),
        most("payloads, alarms on chat", 0.004, value("ordinary chat: payload", "alarms")),
        least("secrets, recall", 0.78, value("secrets", "recall")),
        most("secrets, alarms on documentation", 0.0002, value("documentation: secret", "alarms")),
        least("harmful Chinese, F1", 0.75, f1("Chinese")),
        least("texts a second, rules alone", 20_000, value("speed on chat", "texts_per_s", RULES)),
        least("texts a second, with what was learned", 5_000, value("speed on chat", "texts_per_s")),
        least("the same, as scan screens what comes together", 5_000, value("speed on chat", "texts_per_s", TOGETHER)),
        most("p99 with what was learned, µs", 1_000, value("speed on chat", "p99_us")),
    ]
