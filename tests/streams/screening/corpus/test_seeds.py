import pytest

from streams.screening.corpus.seeds import Seed, grow, parse

FILE = """\
%% what it is
name = Ann | Bo
both = {name} and Cy | nobody

== HATE VIOLENCE
hello {name}\\nand bye
== ORDINARY
## a {"json": 1} {}
"""


def test_a_file_is_slots_and_seeds() -> None:
    slots, seeds = parse(FILE)
    assert slots == {"name": ("Ann", "Bo"), "both": ("{name} and Cy", "nobody")}
    assert seeds == [Seed("hello {name}\nand bye", ("HATE", "VIOLENCE")), Seed('## a {"json": 1} {}', ())]


def test_before_the_first_section_only_slots_may_stand() -> None:
    with pytest.raises(ValueError, match="only slots"):
        parse("a text\n== HATE\n")


@pytest.mark.parametrize(
    ("template", "grown"),
    [
        ("plain", {"plain"}),
        ("{a|b}", {"a", "b"}),
        ("{name}", {"Ann", "Bo"}),
        ("{both}!", {"Ann and Cy!", "Bo and Cy!", "nobody!"}),  # slots in slots
        ("{|very }good", {"good", "very good"}),  # an empty option
        ('{"a": 1}', {'{"a": 1}'}),  # any other brace is itself
    ],
)
def test_a_seed_grows_into_all_that_its_choices_give(template: str, grown: set[str]) -> None:
    assert set(grow(template, parse(FILE)[0], 40)) == grown


def test_growth_is_bounded_and_the_same_every_time() -> None:
    many = "{a|b|c}{a|b|c}{a|b|c}"
    first = list(grow(many, {}, 5))
    assert len(set(first)) == len(first) == 5
    assert list(grow(many, {}, 5)) == first


def test_a_slot_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        list(grow("{nowhere}", {}, 1))
