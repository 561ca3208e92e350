"""Which language a text is in, for policies."""

import time

import pytest

from streams.screening.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("你好，请问今天天气怎么样？", "zh"),
        ("请用 Python 写一个快速排序", "zh"),  # names of things are no language
        ("what does 你好 mean in English?", "en"),
        ("Grüße aus München", "en"),  # Latin letters
        ("こんにちは、おげんきですか", "other"),
        ("Привет, как дела?", "other"),
        ("13800138000", "other"),
        ("", "other"),
        ("😀\ud800\x00", "other"),
    ],
)
def test_a_language_is_told_by_its_script(text: str, language: str) -> None:
    assert language_of(text) == language


def test_length_costs_nothing() -> None:
    text = "你好，" * 3_000_000
    began = time.perf_counter()
    assert language_of(text) == "zh"
    assert time.perf_counter() - began < 0.1
