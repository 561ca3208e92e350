"""A question about a document, answered with what stands in it, or not at all.

Extraction, not generation: the question must be no more than a field's name among words that add nothing
("what is the … of this invoice"), the field's label must stand in the document, and exactly one value of the
field's sort beside or below it. Anything else is ``None``, and a language model gets the question.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workers.vision.fields import FIELDS, Sort
from workers.vision.labels import Label, after, labels, normal, only_labels, pairs, pattern_of, value_of
from workers.vision.port import Box, Reading

SURE = 0.6
ALIKE = 0.8
QUESTION_CHARS = 200
CLOSE = 4
"""Free text beside a label stands within so many heights of a line; further off is another column."""
BESIDE, BELOW = 0.95, 0.85
"""How much a value beside or below its label counts against one in the same line."""

_FILLER_ZH = re.compile(
    r"请问|请告诉我|告诉我|麻烦|帮我|看一下|看看|这一张|这张|这份|这个|该|此|图片|图中|图上|图里|照片|发票上|发票里|发票中|发票|单据|收据|账单"
    r"|上面|里面|写的|显示的|是多少|是什么时候|是什么|是谁|是哪家公司|是哪家|是哪天|是几|有多少|多少钱|多少|什么时候|什么|谁|哪家|哪天|何时|几号|的|是|为|呢|[?!。,、.:;\s“”]"
)
_FILLER_EN = re.compile(
    r"\b(?:please|can you|could you|tell me|give me|find|read|what's|whats|what is|what was|what are|what|which|who is"
    r"|who's|who was|who|when is|when was|when|how much|is|was|the|of|on|in|for|from|this|that|a|an|to|here|shown"
    r"|written|stated|value|invoice|receipt|bill|document|image|picture|photo|it)\b|[?!.,;:'\"\s]+"
)
_YES_OR_NO = re.compile(r"吗|是否|是不是|对不对|^(?:is|are|was|were|do|does|did|has|have|should|will)\b")
_WANTS: tuple[tuple[re.Pattern[str], frozenset[Sort]], ...] = (
    (re.compile(r"\bwhen\b|什么时候|哪天|何时|几号"), frozenset({"date"})),
    (re.compile(r"\bwho\b|谁|哪家"), frozenset({"text"})),
    (re.compile(r"\bhow much\b|多少钱"), frozenset({"amount"})),
)


@dataclass(frozen=True)
class Answer:
    """What stands there, the indexes of the lines it was taken from, and how sure it is, from 0 to 1."""

    text: str
    lines: tuple[int, ...]
    score: float


@dataclass(frozen=True)
class _Candidate:
    rank: int
    answer: Answer


def answer(question: str, reading: Reading) -> Answer | None:
    """The answer that stands in the document, or ``None`` when none stands there surely."""
    asked = normal(question).lower()
    if not asked or len(asked) > QUESTION_CHARS or _YES_OR_NO.search(asked):
        return None
    found = _field(asked)
    candidates = list(_of_field(*found, reading) if found else _of_pair(_core(asked), reading))
    best = [c.answer for c in candidates if c.rank == min(other.rank for other in candidates)]
    if len({_bare(one.text) for one in best}) != 1:
        return None
    surest = max(best, key=lambda one: one.score)
    return surest if surest.score >= SURE else None


def _bare(value: str) -> str:
    return re.sub(r"[\s¥$€£,元圆]|rmb|cny|usd", "", value.lower())


def _field(asked: str) -> tuple[str, str] | None:
    """The field that is asked for and the name used; the longest name that leaves nothing but filler."""
    wanted = frozenset(sort for pattern, sorts in _WANTS if pattern.search(asked) for sort in sorts)
    fits = [
        (len(name), key, name)
        for key, field in FIELDS.items()
        for name in (*field.names, *field.asked)
        if (not wanted or field.sort in wanted) and any(not _core(rest) for rest in _without(asked, name))
    ]
    return max(fits)[1:] if fits else None


def _without(asked: str, name: str) -> Iterator[str]:
    for match in pattern_of(name).finditer(asked):
        yield f"{asked[: match.start()]} {asked[match.end() :]}"


def _core(asked: str) -> str:
    """What a question says besides filler."""
    return " ".join(_FILLER_EN.sub(" ", _FILLER_ZH.sub(" ", asked)).split())


def _of_field(key: str, asked: str, reading: Reading) -> Iterator[_Candidate]:
    """Every value that stands at a label of the field; the label as asked ranks first, then the surer names."""
    names = [name for name in dict.fromkeys((asked, *FIELDS[key].names)) if name in FIELDS[key].names]
    names += [name for other in FIELDS[key].instead for name in FIELDS[other].names]
    sort = FIELDS[key].sort
    page = _page(reading)
    for index, (text, found) in enumerate(zip(page.texts, page.labels, strict=True)):
        for label in (one for one in found if one.name in names):
            rank = 2 * names.index(label.name)
            if value := after(sort, text, label, found):
                yield _Candidate(rank, Answer(value, (index,), reading.lines[index].score))
            elif only_labels(text, found) and (near := _near(sort, index, page)):
                yield _Candidate(rank + 1, near)


@dataclass(frozen=True)
class _Page:
    reading: Reading
    rows: Sequence[Sequence[int]]
    texts: Sequence[str]
    labels: Sequence[list[Label]]

    def box(self, index: int) -> Box:
        return self.reading.lines[index].box


def _page(reading: Reading) -> _Page:
    texts = [normal(line.text) for line in reading.lines]
    return _Page(reading, reading.rows, texts, [labels(text) for text in texts])


def _near(sort: Sort, index: int, page: _Page) -> Answer | None:
    """The value to the right of a label that stands alone, else the only one below it."""
    row = next(row for row in page.rows if index in row)
    right = list(itertools.takewhile(lambda i: not page.labels[i], row[row.index(index) + 1 :]))
    if sort == "text":
        label = page.box(index)
        right = [i for i in right[:1] if page.box(i).left - label.right <= CLOSE * label.height]
    below = list(_column(index, page))[: 1 if sort == "text" else None]
    if any(value_of(sort, page.texts[i]) for i in right):
        return _sole(sort, right, index, page, BESIDE)
    return _sole(sort, below, index, page, BELOW)


def _column(index: int, page: _Page) -> Iterator[int]:
    """The lines under a label, down to the next label or gap."""
    head = last = page.box(index)
    for i in itertools.chain.from_iterable(page.rows):
        box = page.box(i)
        if box.middle <= last.bottom or min(box.right, head.right) <= max(box.left, head.left):
            continue
        if box.top - last.bottom > 2 * head.height or page.labels[i]:
            return
        yield i
        last = box


def _sole(sort: Sort, found: Sequence[int], index: int, page: _Page, weight: float) -> Answer | None:
    """The value that stands there when there is just one."""
    values = {i: value for i in found if (value := value_of(sort, page.texts[i]))}
    if len(set(values.values())) != 1:
        return None
    at, text = next(iter(values.items()))
    scores = page.reading.lines[index].score, page.reading.lines[at].score
    return Answer(text, (index, at), weight * min(scores))


def _of_pair(core: str, reading: Reading) -> Iterator[_Candidate]:
    """Values after a colon whose label is what was asked, for fields that no table knows."""
    for index, line in enumerate(reading.lines):
        for name, value in pairs(normal(line.text)):
            alike = likeness(core, _core(name.lower()))
            if alike >= ALIKE and not labels(name):
                yield _Candidate(0, Answer(value[:200], (index,), alike * line.score))


def likeness(one: str, other: str) -> float:
    """The Dice coefficient of the character bigrams of two texts, from 0 to 1."""
    first, second = _bigrams(one), _bigrams(other)
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def _bigrams(text: str) -> set[str]:
    joined = text.replace(" ", "")
    return {joined[i : i + 2] for i in range(len(joined) - 1)}
