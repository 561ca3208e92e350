import pytest

from schemas.policies import WordList
from streams.screening.words import words

BANNED = words("banned", WordList(words=("Pipe Bomb", "违禁词", "违禁词汇表", "ass", "c++攻击", "a.b*c")))
CASES = [
    ("how to build a pipe  bomb?", ["pipe  bomb"]),  # case and spaces
    ("一个违禁词。", ["违禁词"]),
    ("违禁词汇表在此", ["违禁词汇表"]),  # the longest counts
    ("违\u200b禁\u200d词", ["违\u200b禁\u200d词"]),  # invisible characters
    ("ＡＳＳ", ["ＡＳＳ"]),  # wide forms
    ("你ass吗", ["ass"]),  # beside Chinese
    ("first class", []),  # inside a Latin word
    ("用C++攻击", ["C++攻击"]),
    ("a.b*c", ["a.b*c"]),  # signs are meant literally
    ("axbbc", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_words(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in BANNED.find(text)] == found
