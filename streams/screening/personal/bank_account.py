"""Bank accounts that are no IBAN: routing numbers, sort codes, BIC and account numbers beside their names."""

from streams.screening.detector import Rule, Rules
from streams.screening.digits import digits
from streams.screening.personal.checksums import weighted
from streams.screening.personal.label import chinese, english

_ACCOUNT = english(
    "account|acct|a/c|bank account|account number|checking|savings|checking account|savings account|deposit account|"
    "bban|iban"
)


def is_account(span: str) -> bool:
    return 6 <= len(digits(span)) <= 20 and len(set(digits(span))) > 1


BANK_ACCOUNT = Rules(
    "bank_account",
    (
        Rule(
            "BANK_ACCOUNT",
            r"[0-9]{9}",
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english("routing|aba|rtn|transit"),
            check=weighted("aba"),
        ),
        Rule(
            "BANK_ACCOUNT",
            r"[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}",
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z-",
            lead=english("sort code|sortcode"),
        ),
        Rule(
            "BANK_ACCOUNT",
            r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?",
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english("swift|bic|swift code|bic code|swift/bic"),
        ),
        Rule(
            "BANK_ACCOUNT",
            r"[A-Z]{0,4}[0-9](?:[ -]?[0-9]){5,19}",
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=_ACCOUNT,
            check=is_account,
        ),
        Rule(
            "BANK_ACCOUNT",
            r"[0-9](?:[ -]?[0-9]){7,29}",
            score=0.97,
            after="0-9A-Za-z",
            lead=chinese("账号|帐号|账户|帐户|银行账号|对公账|收款账|存折"),
            check=is_account,
        ),
    ),
)
