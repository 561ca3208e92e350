"""Check digits of identifiers, by name of the scheme.

Written here because the library that has them all, python-stdnum, is LGPL. Most are a weighted sum over the digits
modulo a number; those stand in one table, and the others have a function each.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from streams.screening.digits import digits, luhn

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""Codice fiscale: the worth of the letters A to Z, and of the digits as of A to J, in odd places."""
_SECOND = ["1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"]
"""Verhoeff: what a digit becomes in the places from the second to the eighth, counted from the right."""


class Weights(NamedTuple):
    """All digits weighted sum up to ``rest`` modulo ``modulo``; ``length`` is that of the weights."""

    weights: tuple[int, ...]
    modulo: int
    rest: int = 0


WEIGHTS = {
    "nhs": Weights((10, 9, 8, 7, 6, 5, 4, 3, 2, 1), 11),
    "aba": Weights((3, 7, 1, 3, 7, 1, 3, 7, 1), 10),
    "pesel": Weights((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10),
    "bsn": Weights((9, 8, 7, 6, 5, 4, 3, 2, -1), 11),
    "tfn": Weights((1, 4, 3, 7, 5, 8, 6, 9, 10), 11),
    "ean": Weights((1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1), 10),
    "twid": Weights((1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), 10),
}


def weighted(scheme: str) -> Callable[[str], bool]:
    """A check of a span by a scheme of ``WEIGHTS``."""
    weights, modulo, rest = WEIGHTS[scheme]

    def check(span: str) -> bool:
        number = digits(span)
        total = sum(weight * int(digit) for weight, digit in zip(weights, number, strict=False))
        return len(number) == len(weights) and len(set(number)) > 1 and total % modulo == rest

    return check


def luhn_digits(span: str) -> bool:
    """Luhn over the digits of a span, which are not all the same."""
    number = digits(span)
    return len(set(number)) > 1 and luhn(number)


def mod_97(span: str) -> bool:
    """ISO 7064 MOD 97-10 as IBAN has it: the first four places go to the end."""
    plain = "".join(each for each in span.upper() if each in _ALPHABET)
    return int("".join(str(_ALPHABET.index(each)) for each in plain[4:] + plain[:4])) % 97 == 1


def uscc(span: str) -> bool:
    """GB 32100-2015: a sum with the powers of 3 modulo 31."""
    plain = span.upper()
    if any(each not in _USCC for each in plain):
        return False
    return sum(_USCC.index(each) * pow(3, place, 31) for place, each in enumerate(plain[:17])) % 31 == (
        -_USCC.index(plain[17]) % 31
    )


def verhoeff(span: str) -> bool:
    """Verhoeff's scheme over the dihedral group of order 10 (Aadhaar)."""
    total = 0
    for place, digit in enumerate(reversed(digits(span))):
        value = int(digit) if place % 8 == 0 else int(_SECOND[place % 8 - 1][int(digit)])
        total = _dihedral(total, value)
    return total == 0


def _dihedral(left: int, right: int) -> int:
    turned = left >= 5
    rest = (left - right) % 5 if turned else (left + right) % 5
    return rest + 5 * (turned ^ (right >= 5))


def cpf(span: str) -> bool:
    """Brazil: two check digits, each by falling weights modulo 11."""
    number = digits(span)
    return len(set(number)) > 1 and all(_falling(number[:place]) == int(number[place]) for place in (9, 10))


def _falling(number: str) -> int:
    return (
        sum(int(digit) * weight for digit, weight in zip(number, range(len(number) + 1, 1, -1), strict=True))
        * 10
        % 11
        % 10
    )


def insee(span: str) -> bool:
    """France: what is missing to a multiple of 97; Corsica's departments count as 19 and 18."""
    plain = "".join(each for each in span.upper() if each in _ALPHABET)
    number = plain.replace("2A", "19").replace("2B", "18")
    return number.isdigit() and 97 - int(number[:13]) % 97 == int(number[13:])


def fiscale(span: str) -> bool:
    """Italy: the values of odd and even places modulo 26."""
    plain = span.upper()
    values = [_ALPHABET.index(each) if each.isdigit() else ord(each) - 65 for each in plain[:15]]
    total = sum(_ODD[value] if place % 2 == 0 else value for place, value in enumerate(values))
    return chr(65 + total % 26) == plain[15]


def dni(span: str) -> bool:
    """Spain: the number modulo 23 as a letter; X, Y and Z in front of it count as 0, 1 and 2."""
    plain = span.upper().replace("-", "").replace(" ", "")
    number = str("XYZ".find(plain[0])) + plain[1:] if plain[0] in "XYZ" else plain
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(number[:-1]) % 23] == plain[-1]


def steuer_id(span: str) -> bool:
    """Germany: ISO 7064 MOD 11,10."""
    number, product = digits(span), 10
    for digit in number[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return len(number) == 11 and (11 - product) % 10 == int(number[10])


def nric(span: str) -> bool:
    """Singapore: weights modulo 11, as a letter by the first one."""
    plain = span.upper()
    total = sum(int(digit) * weight for digit, weight in zip(plain[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    total += {"S": 0, "F": 0, "T": 4, "G": 4, "M": 3}[plain[0]]
    letters = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "M": "KLJNPQRTUWX"}.get(plain[0], "XWUTRQPNMLK")
    return letters[10 - total % 11 if plain[0] == "M" else total % 11] == plain[8]


def hkid(span: str) -> bool:
    """Hong Kong: weights from 9 down modulo 11; a missing first letter counts as 36."""
    plain = "".join(each for each in span.upper() if each in _ALPHABET)
    values = [_ALPHABET.index(each) for each in plain]
    values = [36, *values] if len(values) == 8 else values
    return sum(value * (9 - place) for place, value in enumerate(values)) % 11 == 0


def twid(span: str) -> bool:
    """Taiwan: the letter as two digits, then weights modulo 10."""
    letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(span[0].upper()) + 10
    return weighted("twid")(f"{letter}{span[1:]}")


def my_number(span: str) -> bool:
    """Japan: weights 2 to 7 and again, modulo 11."""
    number = digits(span)
    rest = sum(int(digit) * (place % 6 + 2) for place, digit in enumerate(reversed(number[:11]))) % 11
    return len(number) == 12 and len(set(number)) > 1 and (0 if rest <= 1 else 11 - rest) == int(number[11])


def curp(span: str) -> bool:
    """Mexico: weights from 18 down over an alphabet with Ñ, modulo 10."""
    alphabet, plain = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ", span.upper()
    return str(-sum(alphabet.index(each) * (18 - place) for place, each in enumerate(plain[:17])) % 10) == plain[17]


def npi(span: str) -> bool:
    """United States providers: Luhn behind the issuer 80840."""
    return luhn(f"80840{digits(span)}")


def medicare_au(span: str) -> bool:
    """Australia: the ninth digit is a weighted sum over the first eight."""
    number = digits(span)
    total = sum(int(digit) * weight for digit, weight in zip(number, (1, 3, 7, 9, 1, 3, 7, 9), strict=False))
    return number[0] in "23456" and total % 10 == int(number[8])


def is_date(text: str) -> bool:
    """Whether ``YYYYMMDD``, from 1850 to 2050, or ``YYMMDD`` of either century is a day."""
    return any(map(_is_day, (text,) if len(text) == 8 else (f"19{text}", f"20{text}")))


def _is_day(text: str) -> bool:
    try:
        return 1850 <= date(int(text[:4]), int(text[4:6]), int(text[6:])).year <= 2050
    except ValueError:
        return False
