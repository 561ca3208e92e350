"""Ordinary text from this machine."""

import pytest

from workers.screening.ordinary import LEAST, LICENCES, MOST, RESTRICTED, _paragraphs, licences, ordinary


def test_the_same_texts_each_time_and_none_with_labels() -> None:
    once, again = ordinary(2, 50), ordinary(2, 50)
    assert once == again
    assert {each.source for each in once} == {"packages", "python"}
    assert all(not each.labels and LEAST <= len(each.text) <= MOST for each in once)


def test_all_are_under_open_licences() -> None:
    told = licences()
    assert len(told) > 20
    assert all(LICENCES.search(licence) and not RESTRICTED.search(licence) for licence in told.values())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A sentence that is long enough to be a\nparagraph of two lines.\n\nshort", 1),
        ("| a table | with cells | that are long | enough to count |", 0),
        ("```\ncode that is fenced and long enough to be a paragraph\n```", 0),
        ("100.0 200.0 300.0 400.0 500.0 600.0 700.0 800.0 900.0", 0),
        ("[a link](https://example.org/that/is/long/enough/to/be/a/paragraph)", 0),
    ],
)
def test_prose_is_kept(text: str, found: int) -> None:
    assert len(list(_paragraphs(text))) == found
