"""Names of persons in Chinese: a family name and one or two more characters, beside a label, a title or a number; and,
less surely, one with characters of given names alone, between words that stand beside a person.

The same characters begin ordinary words, so without such company nothing is found.
"""

from streams.screening.detector import Rule, Rules
from streams.screening.personal.given_cn import GIVEN, LOOK_ALIKE, PLAIN, SHORT
from streams.screening.personal.surnames_cn import COMMON, COMPOUND, FUNCTION, RARE, TITLED, WORDS

_FAMILY = f"(?:{COMPOUND}|[{COMMON}])"
_HAN = r"\p{Han}"
_ROLES = (
    "联系人|收件人|收货人|寄件人|发件人|客户|患者|病人|员工|职工|学生|学员|家长|申请人|法人|法定代表人|法人代表|负责人|经办人|"
    "办理人|签名|签字人|持卡人|户主|户名|开户名|乘客|旅客|投保人|被保险人|受益人|车主|业主|租客|租户|房东|投诉人|举报人|预约人|"
    "报名人|当事人|原告|被告|委托人|代理人|担保人|借款人|债务人|付款人|收款人|配偶|丈夫|妻子|父亲|母亲|儿子|女儿|老公|老婆|同事|"
    "朋友|用户|会员|作者|记者|主播|股东|监护人|死者|伤者|考生|应聘者|候选人|实习生|护士|医生|教师|律师|司机|嫌疑人|紧急联系人"
)
_NAMES = "姓名|名字|真实姓名|中文名|名称|真名|姓名为|用户名|nickname|name|Name|NAME"
_LINK = r"[ :=是为叫\"']{1,4}"
_END = (
    r"(?:[^\p{Han}A-Za-z]|的|先生|女士|小姐|住|在|电话|手机|身份证|微信|邮箱|已|今年|，|于|申请|要|想|说|您好|您|"
    r"你好)"
)
_TITLES = (
    "先生|女士|小姐|太太|夫人|老师|经理|总监|主任|医生|大夫|律师|教授|师傅|同学|阿姨|叔叔|局长|处长|科长|院长|校长|警官|博士|老板|"
    "主管|部长|主席|书记|奶奶|爷爷|伯伯|同志|法官|护士长|工程师|董事长|总经理|副总"
)
_PART = "上下本这每第一二三四五六七八九十某诸各几两民穆斯安"
"""With one of these before it, a family name is part of a word."""
_NUMBERS = r"[ ,;:/|(]{1,3}(?:电话|手机|联系电话|身份证|tel|Tel|邮箱|[+]?86|1[3-9][0-9]|[1-9][0-9]{16})"


_BESIDE = (
    "把|给|跟|和|与|让|请|找|问|被|对|替|帮|陪|约|见|喊|派|由|是|叫|听|联系|通知|告诉|麻烦|昨天|今天|明天|前天|上午|下午|晚上|早上|"
    "刚才|刚刚|因为|但是|而且|所以|于是|结果|据|经|以及|认识|喜欢|邀请|询问|提醒|感谢|多亏|关于|属于|来自|送|寄给|转给|发给"
)
_SAYS = (
    r"(?:[^\p{Han}A-Za-z0-9]|跟|和|与|把|给|被|对|向|说|讲|告|问|拉|叫|让|请|发|打|来|去|到|在|的|也|都|就|已|要|想|会|没|不|是|"
    r"刚|还|又|从|用|写|做|带|买|收|签|提|表示|认为|介绍|负责|推荐|今天|昨天|明天|进|加|出|因|为|约|见|接|送|寄|转|帮|同|这|那|正|住|生|患)"
)


def is_alone(span: str) -> bool:
    """Whether no word begins like that."""
    return span[:2] not in WORDS and span[:2] not in LOOK_ALIKE


def is_name(span: str) -> bool:
    """Whether no word begins like that, and nothing in it is hardly ever part of a name."""
    family = 2 if span[:2] in COMPOUND.split("|") else 1
    return span[:2] not in WORDS and FUNCTION.isdisjoint(span[family:])


def _names(
    lead: str, trail: str = "", score: float = 0.85, before: str = "", family: str = _FAMILY
) -> tuple[Rule, ...]:
    """With one and with two characters behind the family name, since a check cannot shorten a span."""
    return tuple(
        Rule("PERSON", family + rf"[{_HAN}]" * count, score, before=before, check=is_name, lead=lead, trail=trail)
        for count in (1, 2)
    )


def _alone(lead: str = "", before: str = "") -> tuple[Rule, ...]:
    family = f"(?:{COMPOUND}|[{TITLED}])"
    return tuple(
        Rule("PERSON", pattern, 0.7, before=before, check=is_alone, lead=lead, trail=_SAYS)
        for pattern in (f"{family}[{GIVEN}]{{2}}", f"[{PLAIN}][{SHORT}]")
    )


PERSON_CN = Rules(
    "person_cn",
    (
        *_names(rf"(?:{_NAMES}|{_ROLES}){_LINK}"),
        *_names(rf"(?:{_NAMES}|{_ROLES})[\"']? ?[:=][ \"']{{0,2}}", family=f"[{RARE}]"),
        *_names(rf"(?:{_ROLES}|姓名|本人|当事人|找|联系|叫做|同学|由)", _END, 0.8),
        *_names(r"(?:我|他|她|名|婆|公|子|儿|人|字|妈|爸|姐|弟|妹|哥|友|姓)(?:的名字)?叫(?:做|作)?"),
        *_names("(?:我是|这是|这位是|您是|你是)", _END, 0.75),
        *_names("", rf"(?:{_TITLES})", 0.75, before=_PART, family=f"(?:{COMPOUND}|[{TITLED}])"),
        *_names("", _NUMBERS, 0.8, before=_HAN),
        Rule("PERSON", f"(?:{COMPOUND}|[{TITLED}])", 0.7, before=_PART, trail=rf"(?:{_TITLES})"),
        Rule("PERSON", f"[{TITLED}]", 0.7, trail=r"(?:总|董|哥|姐|工)(?:[^\p{Han}]|您|你|好|的|说|让|那|请)"),
        Rule(
            "PERSON",
            rf"[{_HAN}]{{1,8}}[·•・][{_HAN}]{{1,8}}",
            0.7,
            lead=rf"(?:{_NAMES}|{_ROLES}|我叫|我是)[ :=是为叫\"']{{0,4}}",
        ),
        *_alone(lead=f"(?:{_BESIDE})"),
        *_alone(before=rf"{_HAN}A-Za-z0-9"),
    ),
)
