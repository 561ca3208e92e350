"""Chinese unified social credit codes: 18 places with a check character (GB 32100-2015)."""

from streams.screening.detector import Rule, Rules
from streams.screening.personal.checksums import uscc
from streams.screening.personal.label import chinese

_PLACE = "[0-9A-HJ-NP-RTUW-Y]"
_CODE = rf"(?:1[1-39]|2[19]|3[1-59]|4[19]|5[1-39]|6[129]|7[129]|8[19]|9[1-3]|[AN][1-39]|Y1)[0-9]{{6}}{_PLACE}{{10}}"

USCC_CN = Rules(
    "uscc_cn",
    (
        Rule("USCC_CN", _CODE, score=0.97, before="0-9A-Za-z", after="0-9A-Za-z", check=uscc),
        Rule(
            "USCC_CN",
            r"[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}",
            score=0.8,
            after="0-9A-Za-z",
            lead=chinese("信用代码|税号|纳税人识别|统一代码|机构代码|营业执照|注册号"),
        ),
    ),
)
