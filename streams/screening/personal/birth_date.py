"""Dates of birth: a date beside a word that says so."""

from streams.screening.detector import Rule, Rules
from streams.screening.personal.label import chinese, english, folded

_MONTH = folded(
    "(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|"
    "sept|sep|oct|nov|dec)"
)
_YEAR = "(?:1[89]|20)[0-9]{2}"
_DAY = "[0-3]?[0-9](?:st|nd|rd|th)?"
_DATE = "|".join(
    (
        rf"{_YEAR}[./-][01]?[0-9][./-][0-3]?[0-9]",
        rf"[0-3]?[0-9][./-][0-3]?[0-9][./-](?:{_YEAR}|[0-9]{{2}})",
        rf"{_MONTH}\.? {_DAY}(?:,|\.)? ?{_YEAR}",
        rf"{_DAY}[ -](?:of )?{_MONTH}\.?,?[ -]{_YEAR}",
        rf"{_MONTH}\.? {_DAY}",
        rf"{_YEAR}[01][0-9][0-3][0-9]",
    )
)
_CHINESE = r"(?:[0-9]{4}|[0-9]{2})年 ?[01]?[0-9]月 ?(?:[0-3]?[0-9][日号]?)?"
_FORMS = rf"{_CHINESE}|{_DATE}"

BIRTH_DATE = Rules(
    "birth_date",
    (
        Rule(
            "BIRTH_DATE",
            _DATE,
            score=0.9,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english("born|dob|d.o.b.|d.o.b|date of birth|birth date|birthdate|birthday|birth day|bday", 4),
        ),
        Rule(
            "BIRTH_DATE",
            _FORMS,
            score=0.9,
            after="0-9",
            lead=chinese("出生日期|出生年月日|出生年月|出生时间|出生于|出生|生日|生于|诞生于|DOB"),
        ),
        Rule("BIRTH_DATE", _FORMS, score=0.85, before="0-9", trail=r" ?(?:\(?出生|生人|生(?:[^\p{Han}]|于)|的?生日)"),
    ),
)
