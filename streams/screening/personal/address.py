"""Postal addresses with a street or a building and its number, in Chinese, English and the larger European languages.

A Chinese address begins with a province or a city, or stands behind a label: without one of them nothing says in
running text where it begins. A city by itself is no address.
"""

import re2

from streams.screening.detector import Rule, Rules
from streams.screening.personal.label import chinese
from streams.screening.personal.regions_cn import CITIES, PROVINCES
from streams.screening.personal.streets import EUROPEAN, STATES, STREET

_HAN = r"\p{Han}"
_REGION = "|".join((*PROVINCES, *CITIES))
_ROAD = "路|街|道|巷|胡同|里|村|弄|园|区|苑|城|镇|乡|庄|屯|坊|大厦|广场|公寓|小区|花园|段|座|府|湾|中"
_COUNT = "(?:[0-9]{1,5}(?:[-~][0-9]{1,5})?|[一二三四五六七八九十百]{1,5}|[A-Za-z][0-9]{0,3})"
_UNIT = "(?:号楼|号院|号|弄|栋|幢|座|楼|室|单元|层|组|户|房|门|铺|期|支)"
_BUILDING = rf"[{_HAN}]{{2,8}}(?:大厦|广场|小区|花园|公寓|中心|大楼|苑|院|园)"
_MORE = rf"(?: ?[附第之]?{_COUNT}{_UNIT}|{_BUILDING}|[A-Za-z]?[0-9]{{3,4}}){{0,6}}(?:,? ?(?:邮编)?[:]?[0-9]{{6}})?"
_CHINESE = rf"(?:{_REGION})[{_HAN} ]{{0,24}}(?:{_ROAD}) ?{_COUNT}{_UNIT}{_MORE}"
_LABEL = chinese(
    "地址|住址|家住|住在|现住|住所|居住|寄到|送到|寄往|发到|送至|寄至|地点|位于|户籍|快递放|通讯处|所在地|收货|住"
)
_ROOM = r"[0-9]{1,4}(?:号楼|栋|幢|座|号院|弄) ?(?:[0-9A-Za-z]{1,3}(?:单元|号楼?) ?)?[0-9]{2,4}(?:室|号|户|房)?"

_WORD = r"[A-Z][A-Za-z'’.]*"
_NUMBER = r"[0-9]{1,6}(?:-[0-9]{1,4})?[A-Za-z]?(?: 1/2)?"
_SIDE = r"(?: (?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\.?)?"
_INSIDE = r"(?:,? (?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|Room|Rm|No|Flat|#)\.? ?#?[A-Za-z0-9-]{1,6})?"
_STATE = rf"(?:{STATES})"
_ZIP = r"[0-9]{5}(?:-[0-9]{4})?"
_NAME = r"[A-Z][A-Za-z'’]*[a-z.]"
_CITY = rf"{_NAME}(?:[ -]{_NAME}){{0,3}}"
_POSTCODE = r"[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}"
_TOWN = rf"(?:[,\n] ?\n?{_CITY}(?:,? {_STATE})?(?:,? (?:{_ZIP}|{_POSTCODE}))?)?"
_ENGLISH = rf"{_NUMBER}{_SIDE}(?: {_WORD}){{1,4}} {STREET}\.?{_SIDE}{_INSIDE}{_TOWN}"
_LOWER = r"[0-9]{1,5} [A-Za-z'.]+(?: [A-Za-z'.]+)? (?:street|avenue|road|lane|blvd|boulevard|ave|terrace)"
_PLAIN = re2.compile(
    r"(?i)[0-9]+ (?:.* )?(?:of|in|on|the|a|to|per|for|and|or|people|cars|years?|days?|hours?|minutes?|miles?|more|km|"
    r"meters?|metres?|from|at|by|down|up|different|lanes?|first|main|main|with) .*"
)


def is_street(span: str) -> bool:
    """Not ``2 people on the street``."""
    return _PLAIN.fullmatch(span) is None


ADDRESS = Rules(
    "address",
    (
        Rule("ADDRESS", _CHINESE, score=0.85),
        Rule("ADDRESS", rf"[{_HAN}A-Za-z]{{2,24}} ?{_COUNT}{_UNIT}{_MORE}", score=0.8, lead=_LABEL),
        Rule("ADDRESS", _ROOM, score=0.75, before="0-9A-Za-z"),
        Rule("ADDRESS", _ENGLISH, score=0.85, before="0-9A-Za-z.$-", after="a-z"),
        Rule("ADDRESS", _LOWER, score=0.75, before="0-9A-Za-z.$-", after="a-z", check=is_street, ignore_case=True),
        Rule("ADDRESS", rf"{_CITY},? {_STATE},? {_ZIP}", score=0.85, before="A-Za-z", after="0-9"),
        Rule("ADDRESS", rf"(?:{EUROPEAN})", score=0.8, before="0-9A-Za-zÀ-ÿ", after="0-9A-Za-zÀ-ÿ"),
        Rule("ADDRESS", rf"{_POSTCODE}", score=0.6, before="0-9A-Za-z-", after="0-9A-Za-z-"),
        Rule(
            "ADDRESS",
            r"(?:PSC|Unit|CMR) [0-9]{3,5},? Box [0-9]{3,5}(?:\n| |, )(?:APO|FPO|DPO) (?:AA|AE|AP) [0-9]{5}",
            score=0.9,
        ),
        Rule(
            "ADDRESS", r"(?:USNS|USS|USNV|USCGC) [A-Z][a-z]+(?:\n| |, )(?:APO|FPO|DPO) (?:AA|AE|AP) [0-9]{5}", score=0.9
        ),
        Rule(
            "ADDRESS",
            rf"(?:P\.? ?O\.? ?|post office )box #?[0-9]{{1,6}}{_TOWN}",
            score=0.85,
            before="A-Za-z",
            after="0-9",
            ignore_case=True,
        ),
    ),
)
