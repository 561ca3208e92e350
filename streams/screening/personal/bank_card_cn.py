"""Chinese bank cards: 16 to 19 digits of UnionPay with a check digit, or any such number behind a label."""

from streams.screening.detector import Rule, Rules
from streams.screening.digits import digits
from streams.screening.personal.checksums import luhn_digits
from streams.screening.personal.credit_card import is_card
from streams.screening.personal.label import chinese

_LABEL = chinese("银行卡|卡号|储蓄卡|借记卡|信用卡|工资卡|社保卡号|付款卡|收款卡|开户行|卡片|尾号|转账到|打款到|汇到")


def is_bank_card(span: str) -> bool:
    return 16 <= len(digits(span)) <= 19 and luhn_digits(span)


def is_long(span: str) -> bool:
    """15 to 19 digits that are no card of another issuer."""
    number = digits(span)
    return 15 <= len(number) <= 19 and len(set(number)) > 1 and (number.startswith("62") or not is_card(number))


BANK_CARD_CN = Rules(
    "bank_card_cn",
    (
        Rule("BANK_CARD_CN", "62[0-9]{15,17}", score=0.95, before="0-9A-Za-z_", after="0-9A-Za-z_", check=is_bank_card),
        Rule(
            "BANK_CARD_CN",
            r"62[0-9]{2}(?:[ .-][0-9]{4}){3}[ .-][0-9]{1,3}|62[0-9]{4}[ -][0-9]{11,13}",
            score=0.95,
            before="0-9A-Za-z_",
            after="0-9A-Za-z_",
            check=is_bank_card,
        ),
        Rule(
            "BANK_CARD_CN",
            r"[3-9][0-9]{3}(?:[ -]?[0-9]){11,15}",
            score=0.97,
            after="0-9A-Za-z",
            lead=_LABEL,
            check=is_long,
        ),
    ),
)
