import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.screening.normal import normalise


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("plain", "plain"),
        ("ＡＢ１２，", "AB12,"),  # wide forms
        ("٣４५", "345"),  # digits of other scripts
        ("a\u200bb\u00adc\ufe0f", "abc"),  # invisible
        ("ﬁ½", "fi1⁄2"),  # one character becomes several
        ("𝐇𝐢", "Hi"),  # mathematical letters
        ("中文、。", "中文、。"),
        ("a\ud800b\x00", "a\ufffdb\x00"),  # a lone surrogate
    ],
)
def test_forms(text: str, form: str) -> None:
    assert normalise(text).text == form


@given(st.text(st.characters(categories=None)), st.text(st.characters(categories=None)))
def test_a_cut_text_has_the_form_of_the_whole(left: str, right: str) -> None:
    assert normalise(left).text + normalise(right).text == normalise(left + right).text


@given(st.text(st.sampled_from("a１ﬁ\u200b½中\ud800"), min_size=1))
def test_places_lead_back_to_the_character_they_come_from(text: str) -> None:
    normal = normalise(text)
    for place, character in enumerate(normal.text):
        start, end = normal.original(place, place + 1)
        assert character in normalise(text[start:end]).text
