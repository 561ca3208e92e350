import pytest

from benchmarks.samples import Sample, Samples, Spread, best, figure, percentiles, ratio, turns


def taken() -> Samples:
    rates = {"ours": [10.0, 30.0, 20.0], "theirs": [8.0, 12.0, 10.0]}
    return Samples(
        Sample(number + 1, contender, "full", {"rate": rate})
        for contender, found in rates.items()
        for number, rate in enumerate(found)
    )


def test_the_median_is_that_of_the_rounds() -> None:
    samples = taken()
    assert samples.median("ours", "full", "rate") == 20.0
    assert samples.median("ours", "quiet", "rate") is None  # never measured
    assert samples.median("ours", "full", "p50_ms") is None


def test_spreads_are_of_each_case_and_contender() -> None:
    [ours, theirs] = taken().spreads()
    assert ours == ("full", "ours", {"rate": Spread(20.0, 10.0, 30.0)})
    assert theirs[1] == "theirs"
    assert str(theirs[2]["rate"]) == "10 (8 to 12)"


def test_every_contender_has_its_turn_in_every_round_and_none_is_always_first() -> None:
    order = list(turns("abc", 3))
    assert order[:3] == [(1, "a"), (1, "b"), (1, "c")]
    assert [contender for _, contender in order[::3]] == ["a", "b", "c"]
    assert all({contender for number, contender in order if number == each} == set("abc") for each in (1, 2, 3))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(1234.5, "1234"), (99.96, "100"), (12.34, "12.3"), (0.01234, "0.0123"), (0.0, "0"), (-250.4, "-250")],
)
def test_figures_have_three_digits(value: float, expected: str) -> None:
    assert figure(value) == expected


def test_percentiles_are_the_whole_distribution() -> None:
    found = percentiles([float(each) for each in range(101)])
    assert (len(found), found[0], found[50], found[95], found[100]) == (101, 0.0, 50.0, 95.0, 100.0)
    assert percentiles([1.0]) == []


def test_what_was_not_measured_has_no_ratio() -> None:
    assert ratio(3.0, 2.0) == 1.5
    assert ratio(None, 2.0) is ratio(3.0, None) is ratio(3.0, 0.0) is None
    assert best([None, 2.0, 1.0]) == 2.0
    assert best([None]) is None
