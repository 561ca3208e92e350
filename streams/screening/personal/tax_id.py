"""Tax numbers: United States ITIN by its form, EIN and those of the European Union beside their names."""

from streams.screening.detector import Rule, Rules
from streams.screening.digits import digits
from streams.screening.personal.label import english

_VAT = (
    r"(?:ATU[0-9]{8}|BE[01][0-9]{9}|DE[0-9]{9}|DK[0-9]{8}|ES[A-Z0-9][0-9]{7}[A-Z0-9]|FI[0-9]{8}|FR[A-Z0-9]{2}[0-9]{9}|"
    r"GB[0-9]{9}|IE[0-9][A-Z0-9][0-9]{5}[A-Z]{1,2}|IT[0-9]{11}|LU[0-9]{8}|NL[0-9]{9}B[0-9]{2}|PL[0-9]{10}|PT[0-9]{9}|"
    r"SE[0-9]{12}|CZ[0-9]{8,10}|HU[0-9]{8}|RO[0-9]{2,10}|SK[0-9]{10}|SI[0-9]{8}|EL[0-9]{9}|BG[0-9]{9,10}|HR[0-9]{11}|"
    r"CHE-?[0-9]{3}\.?[0-9]{3}\.?[0-9]{3})"
)


def is_tax_number(span: str) -> bool:
    return 8 <= len(digits(span)) <= 14


TAX_ID = Rules(
    "tax_id",
    (
        Rule(
            "TAX_ID",
            r"9[0-9]{2}[ -](?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])[ -][0-9]{4}",
            score=0.8,
            before="0-9A-Za-z-",
            after="0-9A-Za-z-",
        ),
        Rule(
            "TAX_ID",
            r"[0-9]{2}-?[0-9]{7}",
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english("ein|fein|employer identification|federal tax|tax id|tax identification|tin|itin"),
        ),
        Rule("TAX_ID", r"9[0-9]{8}", score=0.97, before="A-Za-z", after="0-9A-Za-z", lead=english("itin")),
        Rule("TAX_ID", _VAT, score=0.6, before="0-9A-Za-z", after="0-9A-Za-z"),
        Rule(
            "TAX_ID",
            r"[A-Z]{0,3}[0-9](?:[ .-]?[0-9A-Z]){7,13}",
            score=0.85,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english("vat|ust-idnr|tva|abn|gstin|utr|partita iva|nif|cif|steuernummer"),
            check=is_tax_number,
        ),
    ),
)
