"""Telephone numbers: Chinese mobile, landline and service numbers, international ones with the lengths of each country,
and national forms of other countries, checked by ``phonenumbers`` (Google's numbering plans, Apache-2.0) where the
form alone is weak."""

from streams.screening.detector import Rule, Rules
from streams.screening.digits import digits
from streams.screening.personal.label import chinese, english

_LENGTHS: dict[str, tuple[int, int]] = {
    "1": (10, 10), "7": (10, 10), "20": (9, 10), "27": (9, 9), "30": (10, 10), "31": (9, 9), "32": (8, 9),
    "33": (9, 9), "34": (9, 9), "36": (8, 9), "39": (8, 11), "40": (9, 9), "41": (9, 9), "43": (7, 12),
    "44": (9, 10), "45": (8, 8), "46": (7, 10), "47": (8, 8), "48": (9, 9), "49": (7, 11), "51": (8, 9),
    "52": (10, 10), "54": (10, 11), "55": (10, 11), "56": (9, 9), "57": (10, 10), "60": (8, 10), "61": (9, 9),
    "62": (8, 12), "63": (8, 10), "64": (8, 10), "65": (8, 8), "66": (8, 9), "81": (9, 10), "82": (8, 10),
    "84": (9, 10), "86": (10, 11), "90": (10, 10), "91": (10, 10), "92": (9, 10), "98": (10, 10), "212": (9, 9),
    "234": (8, 10), "254": (9, 9), "351": (9, 9), "353": (7, 9), "358": (6, 11), "380": (9, 9), "420": (9, 9),
    "852": (8, 8), "853": (8, 8), "886": (8, 9), "966": (8, 9), "971": (8, 9), "972": (8, 9),
}  # fmt: skip
"""Digits after the country code, fewest and most (ITU-T E.164 and the national numbering plans)."""
_REGIONS = ("GB", "FR", "JP", "CN", "AU", "IN", "IT", "DE")
"""Whose national numbers, with the leading 0 and in groups, are found without a label."""


def is_valid(number: str, region: str) -> bool:
    """Whether digits are a number of that country's plan; what cannot be read as one, such as an international prefix
    and nothing behind it, is none."""
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(number, region)))
    except phonenumbers.NumberParseException:
        return False


def is_national(span: str) -> bool:
    """Whether it is a number of one of the larger countries, with its leading zero."""
    number = digits(span)
    if not 9 < len(number) < 13 or number[:2] == "00":
        return False
    return any(is_valid(number, region) for region in _REGIONS)


def is_number(span: str) -> bool:
    """Behind a label: 7 to 15 digits that are no date and not all the same."""
    number = digits(span)
    return 7 <= len(number) <= 15 and len(set(number)) > 1 and not (len(number) == 8 and number[:2] in ("19", "20"))


def is_landline(span: str) -> bool:
    """Whether a Chinese number without a sign behind the area code is in the numbering plan."""
    return is_valid(digits(span), "CN")


def _country(code: str, fewest: int, most: int) -> str:
    return rf"{code}(?:{_GAP}\(0\))?(?:{_GAP}[0-9]){{{fewest},{most}}}"


_DASH = r"[ .\-‐-―]"
_GAP = r"[ .()/\-‐-―]{0,3}"
_COUNTRIES = "|".join(_country(code, *lengths) for code, lengths in _LENGTHS.items())
_EXTENSION = r"(?:(?:,? ?(?:x|ext|extension)\.? ?|转| ?#)[0-9]{1,6})?"
_MOBILE_HEAD = r"1(?:3[0-9]|4[014-9]|5[0-35-9]|6[2567]|7[0-8]|8[0-9]|9[0-35-9])"
_MOBILE = rf"(?:(?:\(?\+?86\)?|0086){_DASH}?)?{_MOBILE_HEAD}(?:{_DASH}?[0-9]{{4}}){{2}}"
_AREA = r"0(?:10|2[0-9]|[3-9][0-9]{2})"
_LINE = r"[1-9][0-9]{2,3}[ -]?[0-9]{4}(?:(?:转|-|x|ext\.?)[0-9]{1,6})?"
_ENGLISH_LABEL = english(
    "phone|telephone|tel|mobile|cell|cellphone|fax|call|text|sms|whatsapp|dial|ring|reach|contact|hotline|"
    "landline|pager|handset|phone me|call me|call us|reach me|reach us|text me|ring me",
    4,
)
_CHINESE_LABEL = chinese(
    "手机|电话|联系方式|座机|致电|拨打|热线|传真|微信|打给|来电|固话|移动电话|小灵通|联系我|呼叫|whatsapp|WhatsApp|tel|Tel|TEL"
)
_ANY = rf"[+(]{{0,2}}[0-9](?:{_GAP}[0-9]){{6,14}}{_EXTENSION}"

PHONE = Rules(
    "phone",
    (
        Rule("PHONE", _MOBILE, score=0.9, before="0-9A-Za-z_.#$¥=", after="0-9A-Za-z_"),
        Rule("PHONE", _MOBILE, score=0.92, lead=r"[A-Za-z]{2,16}=", after="0-9A-Za-z_"),
        Rule("PHONE", rf"(?:{_AREA}{_DASH}|\({_AREA}\) ?){_LINE}", score=0.85, before="0-9A-Za-z-", after="0-9"),
        Rule(
            "PHONE",
            rf"{_AREA}[2-9][0-9]{{6,7}}",
            score=0.7,
            before="0-9A-Za-z_.#-",
            after="0-9A-Za-z_-",
            check=is_landline,
        ),
        Rule(
            "PHONE",
            r"[48]00[ -][0-9]{3,4}[ -][0-9]{3,4}|[48]00[ -][0-9]{7}",
            score=0.8,
            before="0-9A-Za-z-",
            after="0-9-",
        ),
        Rule("PHONE", rf"(?:\+|00|001-)(?:{_COUNTRIES}){_EXTENSION}", score=0.85, before="0-9A-Za-z+", after="0-9"),
        Rule(
            "PHONE",
            rf"(?:(?:\+|00)?1{_DASH})?(?:\([2-9][0-9]{{2}}\) ?|[2-9][0-9]{{2}}{_DASH})"
            rf"[0-9]{{3}}{_DASH}[0-9]{{4}}{_EXTENSION}",
            score=0.75,
            before="0-9.-",
            after="0-9-",
        ),
        Rule(
            "PHONE",
            r"\(?0[0-9]{1,4}\)?(?:[ ./-][0-9]{2,8}){1,4}",
            score=0.7,
            before="0-9A-Za-z.,/-",
            check=is_national,
            trail="(?:[^ 0-9/-]| [^0-9]| [0-9][^0-9])",
        ),
        Rule("PHONE", r"[6-9][0-9]{4}[ -][0-9]{5}", score=0.6, before="0-9A-Za-z.-", after="0-9-"),
        Rule("PHONE", _ANY, score=0.97, before="A-Za-z", after="0-9", check=is_number, lead=_ENGLISH_LABEL),
        Rule("PHONE", _ANY, score=0.97, after="0-9A-Za-z", check=is_number, lead=_CHINESE_LABEL),
    ),
)
