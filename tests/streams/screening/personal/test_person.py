import pytest

from streams.screening.personal.person import PERSON

CASES = [
    ("I met Sarah Connor today", ["Sarah Connor"]),  # a common given name with another name
    ("signed by Mary-Jane O'Brien.", ["Mary-Jane O'Brien"]),
    ("Dr. Xyloph will see you", ["Xyloph"]),  # any name behind a title
    ("Mrs Van Houten called", ["Van Houten"]),
    ("My name is Blorg Quixley", ["Blorg Quixley"]),  # or behind who says it
    ("my name is Sarah", ["Sarah"]),
    ("Name: Darin Dyer", ["Darin Dyer"]),
    ('"name": "Darin Dyer"', ["Darin Dyer"]),
    ("Best regards,\nTilda Swan", ["Tilda Swan"]),
    ("Hi Sarah, are you there?", ["Sarah"]),
    ("Thanks,\nPeter", ["Peter"]),
    ("is this Kim's phone", ["Kim"]),
    ("Sarah said no", ["Sarah"]),
    ("写信给John Smith吧", ["John Smith"]),  # between Chinese characters
    ("François Müller", ["François Müller"]),
    ("I am Happy with it", []),
    ("This is Great", []),
    ("Paris is in France", []),
    ("May I ask? Will This work?", []),
    ("Jordan River and Victoria Station", []),
    ("Hi Team, good Morning", []),
    ("The United Nations", []),
    ("Dear customer", []),
    ("hi, i'm sarah connor, my", ["sarah connor"]),  # as in a chat
    ("this is peter from sales", ["peter"]),
    ("i am happy to help", []),
    ("this is will power", []),
    ("john smith", []),
    ("sarah@example.com", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in PERSON.find(text)] == found
