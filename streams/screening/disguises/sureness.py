"""What makes a number that was hidden one that matters: what is said before it."""

import re2

from streams.screening.detector import options

_PHONE = (
    "phone|mobile|cell|tel|call|dial|ring|text|sms|whatsapp|wechat|fax|contact|reach|number|hotline|"
    "电话|手机|手機|電話|号码|號碼|联系|聯繫|致电|拨打|微信|短信|热线|传真|打给"
)
_PAID = "card|visa|master|amex|credit|debit|account|bank|iban|pay|卡|账|帐|银行|銀行|支付|付款|信用|收款"
_KNOWN = "ssn|social|security|identity|passport|licen[sc]e|tax|insurance|medical|社会|社保|身份|证件|护照|驾"
_ID = r"|\bid\b"
_WORDS = {
    "PHONE": _PHONE,
    "CREDIT_CARD": _PAID,
    "BANK_CARD_CN": _PAID,
    "BANK_ACCOUNT": _PAID,
    "IBAN": _PAID,
    "SSN": _KNOWN,
    "NATIONAL_ID": _KNOWN + _ID,
    "TAX_ID": _KNOWN + _ID,
    "MEDICAL_ID": _KNOWN + _ID,
    "PASSPORT": _KNOWN + _ID,
    "DRIVER_LICENSE": _KNOWN + _ID,
    "EMAIL": "mail|contact|reach|write|send|邮|郵|联系|发给|发到",
}
_PATTERNS = {entity: re2.compile(f"(?i:{words})", options()) for entity, words in _WORDS.items()}
NUMBERS = frozenset({*_WORDS, "ID_CN", "USCC_CN"} - {"EMAIL"})
"""Entities that are numbers."""


def is_said(entity: str, context: str) -> bool:
    """Whether the text before a span says that it is one of these."""
    pattern = _PATTERNS.get(entity)
    return pattern is not None and pattern.search(context) is not None
