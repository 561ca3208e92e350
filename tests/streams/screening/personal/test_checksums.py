"""Published examples pass, and no longer with another last place."""

from collections.abc import Callable

import pytest

from streams.screening.personal import checksums
from streams.screening.personal.checksums import weighted

VALID: list[tuple[Callable[[str], bool], str]] = [
    (weighted("nhs"), "943 476 5919"),
    (weighted("aba"), "021000021"),
    (weighted("pesel"), "44051401359"),
    (weighted("bsn"), "111222333"),
    (weighted("tfn"), "123 456 782"),
    (weighted("ean"), "7569217076985"),
    (checksums.luhn_digits, "046 454 286"),
    (checksums.mod_97, "GB82 WEST 1234 5698 7654 32"),
    (checksums.uscc, "91350100M000100Y43"),
    (checksums.verhoeff, "2341 2341 2346"),
    (checksums.cpf, "529.982.247-25"),
    (checksums.insee, "255081416802538"),
    (checksums.fiscale, "RSSMRA85T10A562S"),
    (checksums.dni, "12345678Z"),
    (checksums.dni, "X1234567L"),
    (checksums.steuer_id, "86095742719"),
    (checksums.nric, "S1234567D"),
    (checksums.nric, "M5043078W"),
    (checksums.hkid, "AB987654(3)"),
    (checksums.twid, "A123456789"),
    (checksums.my_number, "123456789018"),
    (checksums.curp, "BOXW310820HNERXN09"),
    (checksums.npi, "1234567893"),
    (checksums.is_date, "20240229"),
    (checksums.is_date, "000229"),
]


def other(valid: str) -> str:
    """The same with the last digit or letter changed."""
    place = len(valid) - 2 if valid.endswith(")") else len(valid) - 1
    return valid[:place] + {"9": "0", "Z": "A"}.get(valid[place], chr(ord(valid[place]) + 1)) + valid[place + 1 :]


@pytest.mark.parametrize(("check", "valid"), VALID)
def test_the_last_place(check: Callable[[str], bool], valid: str) -> None:
    assert check(valid)
    assert not check(other(valid)) or check is checksums.is_date


@pytest.mark.parametrize("day", ["20230229", "17991231", "20241301", "990230"])
def test_days_that_are_none(day: str) -> None:
    assert not checksums.is_date(day)


def test_one_digit_repeated_is_none() -> None:
    assert not weighted("nhs")("0000000000")
    assert not checksums.luhn_digits("0000 0000")
    assert not checksums.cpf("111.111.111-11")
