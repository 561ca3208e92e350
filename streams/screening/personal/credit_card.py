"""Payment cards: issuer range, length and check digit (ISO/IEC 7812)."""

from streams.screening.detector import Rule, Rules
from streams.screening.digits import digits, luhn

_ISSUERS: tuple[tuple[int, int, frozenset[int]], ...] = (
    (2200, 2204, frozenset({16, 17, 18, 19})),  # Mir
    (2221, 2720, frozenset({16})),  # Mastercard
    (3000, 3059, frozenset({14, 16})),  # Diners Club
    (3400, 3499, frozenset({15})),  # American Express
    (3528, 3589, frozenset({16, 17, 18, 19})),  # JCB
    (3600, 3699, frozenset({14, 16, 19})),  # Diners Club
    (3700, 3799, frozenset({15})),  # American Express
    (3800, 3999, frozenset({14, 16})),  # Diners Club
    (4000, 4999, frozenset({13, 16, 19})),  # Visa
    (5000, 5099, frozenset({12, 13, 16, 18, 19})),  # Maestro
    (5100, 5599, frozenset({16})),  # Mastercard
    (5600, 5899, frozenset({12, 13, 16, 18, 19})),  # Maestro
    (6011, 6011, frozenset({16, 19})),  # Discover
    (6200, 6299, frozenset({16})),  # UnionPay; its longer ones are bank cards
    (6300, 6399, frozenset({12, 13, 16, 18, 19})),  # Maestro
    (6440, 6599, frozenset({16, 19})),  # Discover
    (6700, 6799, frozenset({12, 13, 16, 18, 19})),  # Maestro
    (8100, 8171, frozenset({16, 17, 18, 19})),  # UnionPay
)


def is_card(span: str) -> bool:
    """Whether the digits are those of a card that an issuer may have given out."""
    number = digits(span)
    issued = any(low <= int(number[:4]) <= high and len(number) in lengths for low, high, lengths in _ISSUERS)
    return issued and len(set(number)) > 1 and luhn(number)


_GAP = r"[ .\-‐-―]"


def _card(pattern: str) -> Rule:
    return Rule("CREDIT_CARD", pattern, score=0.95, before="0-9A-Za-z_", after="0-9A-Za-z_", check=is_card)


CREDIT_CARD = Rules(
    "credit_card",
    (
        _card(r"[2-68][0-9]{11,18}"),
        _card(rf"[2-68][0-9]{{3}}(?:{_GAP}[0-9]{{4}}){{2}}{_GAP}[0-9]{{1,4}}"),
        _card(rf"[2-68][0-9]{{3}}(?:{_GAP}[0-9]{{4}}){{3}}{_GAP}[0-9]{{1,3}}"),
        _card(rf"3[0-9]{{3}}{_GAP}[0-9]{{6}}{_GAP}[0-9]{{4,5}}"),
        _card(rf"6[0-9]{{5}}{_GAP}[0-9]{{10,13}}"),
    ),
)
