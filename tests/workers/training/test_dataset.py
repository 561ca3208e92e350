import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.base import Source
from schemas.errors import TrainingFailed
from schemas.feedback import Example
from schemas.requests import Message
from workers.training.dataset import ANSWER_CHARS, MINIMUM, PROMPT_CHARS, Dataset, build, fault, normalise


def example(number: int, prompt: str, correction: str | None, request: str | None = None) -> Example:
    return Example(
        id=f"feedback-{number}",
        request_id=request or f"request-{number}",
        model="tiny",
        messages=(Message(role="user", content=prompt),),
        answer="?",
        correction=correction,
        source=Source(topic="examples", partition=0, offset=number),
    )


def plenty(count: int = 30) -> list[Example]:
    return [example(number, f"question {number} 问题", f"answer {number}") for number in range(count)]


def answers(dataset: Dataset) -> set[str]:
    return {pair.answer for pair in (*dataset.train, *dataset.held_out)}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a good answer", None),
        ("好的答案", None),
        ("two\nlines\tand a tab", None),
        ("", "empty"),
        (" \n\t ", "empty"),
        ("　", "empty"),  # the ideographic space
        ("NaN", "not a text"),
        ("  null ", "not a text"),
        ("ＮａＮ", "not a text"),  # full width
        ("...!?", "not a text"),
        ("bell\x07", "control characters"),
        ("nul\x00l", "control characters"),
        ("broken \ufffd text", "control characters"),  # a decoder gave up here
        ("x" * (ANSWER_CHARS + 1), "too long"),
    ],
)
def test_what_is_not_fit_to_learn_from(text: str, reason: str | None) -> None:
    assert fault(text, ANSWER_CHARS) == reason


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        (example(100, "a question", "nan"), "not a text"),
        (example(100, "a question", "  "), "empty"),
        (example(100, "", "an answer"), "empty"),
        (example(100, "x" * (PROMPT_CHARS + 1), "an answer"), "too long"),
        (example(100, "QUESTION  3 问题", " Answer 3 "), "repeated"),  # the same but for case and space
        (example(100, "question 3 问题", "a better answer", "request-3"), "superseded"),
    ],
)
def test_what_is_left_out_is_counted(extra: Example, reason: str) -> None:
    dataset = build([*plenty(), extra], 0.2)
    assert (len(dataset), {name: count for name, count in dataset.left_out.items() if count}) == (30, {reason: 1})


def test_an_answer_without_a_question_is_left_out() -> None:
    said = example(100, "hello", "x").model_copy(update={"messages": (Message(role="assistant", content="hello"),)})
    nothing = example(101, "hello", "x").model_copy(update={"messages": ()})
    assert build([*plenty(), said, nothing], 0.2).left_out == {
        "no question": 1,
        "empty": 1,
        "superseded": 0,
        "repeated": 0,
    }


def test_the_last_correction_of_a_request_wins_in_any_order() -> None:
    later = example(100, "question 3 问题", "a better answer", "request-3")
    dataset = build([later, *plenty()], 0.2)
    assert "a better answer" in answers(dataset)
    assert "answer 3" not in answers(dataset)


def test_thumbs_alone_teach_nothing() -> None:
    assert len(build([*plenty(), example(100, "why?", None)], 0.2)) == 30


@pytest.mark.parametrize(
    ("examples", "says"),
    [
        ([], f"only 0 usable corrections, at least {MINIMUM}"),
        (plenty(MINIMUM - 1), f"only {MINIMUM - 1} usable corrections"),
        ([example(n, f"question {n}", "NaN") for n in range(20)], "20 not a text"),
        ([example(n, "the same", f"answer {n}") for n in range(20)], "about 15 corrections of different prompts"),
    ],
)
def test_too_little_says_how_much_is_needed(examples: list[Example], says: str) -> None:
    with pytest.raises(TrainingFailed, match=says):
        build(examples, 0.2)


def test_the_digest_is_of_the_content_and_names_its_lineage() -> None:
    dataset = build(plenty(), 0.2)
    assert build(reversed(plenty()), 0.2).digest == dataset.digest
    assert build(plenty(31), 0.2).digest != dataset.digest
    lines = [json.loads(line) for line in dataset.jsonl.splitlines()]
    assert {line["feedback"] for line in lines} == {f"feedback-{n}" for n in range(30)}
    assert {line["source"] for line in lines} == {f"examples:0:{n}" for n in range(30)}
    assert {line["split"] for line in lines} == {"train", "held_out"}


def test_a_prompt_keeps_its_side_when_more_come_in() -> None:
    before, after = build(plenty(20), 0.2), build(plenty(200), 0.2)
    assert {pair.prompt for pair in before.held_out} <= {pair.prompt for pair in after.held_out}


WORDS = st.sampled_from(["refund", "Badge", "ｐｕｍｐ", "年假", "Straße", "４４１７"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(WORDS, min_size=1, max_size=3).map(" ".join), min_size=20, max_size=40),
    st.sampled_from([str.upper, str.lower, str.title, lambda text: f"  {text.replace(' ', chr(0x3000))}\n"]),
    st.floats(0.2, 0.8),
)
def test_no_prompt_is_on_both_sides_however_it_is_written(prompts: list[str], rewrite: object, share: float) -> None:
    assert callable(rewrite)
    written = [*prompts, *(rewrite(prompt) for prompt in prompts)]
    examples = [example(n, prompt, f"answer {n}") for n, prompt in enumerate(written)]
    try:
        dataset = build(examples, share)
    except TrainingFailed:  # chance put every prompt on one side
        return
    sides = [{normalise(pair.messages[0].text) for pair in side} for side in (dataset.train, dataset.held_out)]
    assert not sides[0] & sides[1]
    assert len(dataset) == len(written)
