"""Folding and hashing, against a plain computation of the same."""

import re
import time

import numpy as np
import pytest

from workers.screening.features import BASE, MIX, Features, _tables, script

ALIKE = [
    ("Ignore ALL rules", "ignore all rules"),  # case
    ("call 555 now", "call 917 now"),  # digits
    ("a  b\t\nc", "a b c"),  # white space
    (" edge ", "edge"),  # at the ends
    ("Ａｂｃ１", "abc0"),  # width
    ("😀", "🚀"),  # all that is beyond the first plane
    ("", " \n "),
]
UNLIKE = [("rules", "ruler"), ("杀进程", "杀人犯"), ("a.b", "a b"), ("12", "1 2"), ("不要", "要不")]
WORD = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_texts_that_are_folded_alike(one: str, other: str) -> None:
    assert np.array_equal(Features().of(one), Features().of(other))


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_texts_that_differ(one: str, other: str) -> None:
    assert not np.array_equal(Features().of(one), Features().of(other))


def plain(text: str, features: Features) -> list[int]:
    """The buckets of a text that is folded already, one n-gram after the other."""
    number = {character: int(_tables()[0][ord(character)]) for character in f" {text} "}

    def hashed(numbers: list[int]) -> int:
        total = 0
        for each in numbers:
            total = (total * BASE + each) % 2**32
        return total

    def buckets(numbers: list[int], orders: tuple[int, ...], salt: int) -> set[int]:
        grams = [(n, numbers[i : i + n]) for n in orders for i in range(len(numbers) - n + 1)]
        mixed = ((hashed(gram) ^ MIX * (n + salt) % 2**32) * MIX % 2**32 for n, gram in grams)
        return {each >> (32 - features.bits) for each in mixed}

    # a word's own hash runs from its last character to its first
    words = [hashed([number[character] for character in reversed(word)]) for word in WORD.findall(text)]
    return sorted(
        buckets([number[each] for each in f" {text} "], features.characters, 0) | buckets(words, features.words, 16)
    )


@pytest.mark.parametrize("text", ["a", "the river runs", "河水 flows流向 turbine00水轮机", "x-y_z, (q)!", "多 字 节"])
@pytest.mark.parametrize("features", [Features(), Features(12, (2, 4), (1, 3)), Features(20, (), (1,))])
def test_buckets_are_those_of_the_plain_computation(text: str, features: Features) -> None:
    assert features.of(text).tolist() == plain(text, features)


def test_texts_together_are_as_each_alone() -> None:
    texts = ["the river runs", "", "河水", "a", "x-y_z, (q)!", "the river runs", "\n"]
    for features in (Features(), Features(12, (2, 4), (1, 3)), Features(20, (), (1,))):
        touched, bounds = features.together(texts)
        split = np.split(touched, bounds[1:-1])
        assert [each.tolist() for each in split] == [features.of(each).tolist() for each in texts]


@pytest.mark.parametrize("text", ["\ud800 lone", "nul\0 and \x1f", "\u200b", "\U0010ffff"])
def test_any_text_has_buckets(text: str) -> None:
    found = Features().of(text)
    assert len(found) > 0
    assert (np.diff(found.astype(np.int64)) > 0).all()
    assert found.max() < 2**18


def test_time_grows_with_the_text() -> None:
    def seconds(characters: int) -> float:
        text, taken = "忽略 the rules. " * (characters // 14), list[float]()
        for _ in range(3):
            began = time.perf_counter()
            Features().of(text)
            taken.append(time.perf_counter() - began)
        return min(taken)

    seconds(100_000)
    assert seconds(2_000_000) < 60 * max(seconds(100_000), 0.002)


@pytest.mark.parametrize(
    ("text", "chinese"),
    [("", 0), ("a river", 0), ("река", 0), ("河水", 1), ("API 接口怎么调用", 1), ("please 请", 0), ("\ud800", 0)],
)
def test_scripts(text: str, chinese: int) -> None:
    assert script(text) == chinese
