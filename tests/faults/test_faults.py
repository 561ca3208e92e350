"""The short form of ``make faults``: every kind of fault once."""

from functools import partial

import pytest

from tests.faults.scenario import Disturb, each_in_turn, freezes, kills, run


@pytest.mark.faults
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "disturb",
    [partial(kills, times=1), freezes, partial(each_in_turn, times=1)],
    ids=["kills", "freezes", "each in turn"],
)
async def test_every_request_has_one_end_whatever_dies(disturb: Disturb) -> None:
    report = await run(300, 40.0, disturb, print)
    assert (report.without_end, report.two_answers) == (0, 0), report
    assert report.audit == ()
    assert report.requests > 200
