"""Labelled files, sound and not."""

from pathlib import Path

import pytest

from schemas.errors import InvalidField, TrainingFailed
from workers.screening.examples import Example, digest_of, read_examples, sound

GOOD = '{"text": "杀人", "labels": ["VIOLENCE"], "source": "a", "language": "zh"}\n\n{"text": "hello"}\n'


def test_lines_are_read(tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text(GOOD)
    first, second = read_examples(file)
    assert (first.labels, first.language, second.labels, second.source) == (("VIOLENCE",), "zh", (), "unknown")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "line 4"),
        (b'{"labels": []}', "line 4: text"),
        (b'{"text": ""}', "line 4: text"),
        (b'{"text": "x", "labels": ["violence"]}', "line 4: labels.0"),
        (b'{"text": "x", "label": "VIOLENCE"}', "line 4: label"),
        (b'{"text": "x", "source": "a b"}', "line 4: source"),
        (b"\xff\xfe", "line 4"),
        (b'{"text": "' + b"x" * 2_000_000 + b'"}', "line 4"),
        (b"[]", "line 4"),
    ],
)
def test_bad_lines_are_told(tmp_path: Path, line: bytes, message: str) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_bytes(GOOD.encode() + line + b"\n")
    with pytest.raises(InvalidField, match=message):
        read_examples(file)


def test_only_the_first_problems_are_told(tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    file.write_text("{}\n" * 1000)
    with pytest.raises(InvalidField) as raised:
        read_examples(file)
    assert raised.value.message.count("line ") == 10


def test_the_digest_is_of_the_texts_in_any_order() -> None:
    one, other = Example(text="a"), Example(text="b", labels=("HATE",))
    assert digest_of([one, other]) == digest_of([other, one])
    assert digest_of([one, other]) != digest_of([one, other.model_copy(update={"labels": ()})])


def test_too_little_is_told_all_at_once() -> None:
    with pytest.raises(TrainingFailed, match=r"HATE has fewer.*are ordinary.*one source"):
        sound([Example(text="a", labels=("HATE",))])
    with pytest.raises(TrainingFailed, match="no text has a label"):
        sound([Example(text=str(number), source=str(number % 2)) for number in range(50)])
