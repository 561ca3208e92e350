"""Sums over the digits of numbers."""


def digits(span: str) -> str:
    """The ASCII digits of a span."""
    return "".join(character for character in span if "0" <= character <= "9")


def luhn(number: str) -> bool:
    """Whether the last digit is the check digit (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * 2 for digit in number[-2::-2])
    return (sum(map(int, number[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)) % 10 == 0


def mod_11_2(number: str) -> str:
    """The check character over 17 digits (GB 11643-1999, which is ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(number[:17]))
    return "10X98765432"[total % 11]
