"""Labels before a value, as leads of rules: ``Phone number: ``, ``my SSN is ``, ``手机号码是``.

A label and its value stand close together, so a lead is the label, words such as *number* and *is*, and a few signs.
"""

_SIGNS = r"[ \t\"'“”‘’:=#*()<>\[\]/|.,_~-]"
_ENGLISH = (
    "number|numbers|num|no|nr|nos|code|id|card|holder|is|was|are|of|as|on|at|to|the|my|your|his|her|their|our|new|"
    "with|has|for|and|currently|following|reads|ends|details|please"
)
_CHINESE = (
    "号码|号|码|编号|代码|证|卡|是|为|叫|就是|分别|如下|信息|我的|你的|他的|她的|改成|改为|变更为|更新为|填|写|请记|应该|应|"
    "也|应当|已|的|了|呢|吧|一下|在"
)


def folded(pattern: str) -> str:
    """The pattern without regard to the case of its ASCII letters; it has no classes and escapes with letters."""
    return "".join(f"[{each.upper()}{each.lower()}]" if each.isascii() and each.isalpha() else each for each in pattern)


def english(labels: str, most: int = 3) -> str:
    """One of ``labels`` (alternatives in any case), up to ``most`` filling words, and signs."""
    return rf"(?:{folded(labels)})(?:{_SIGNS}{{0,3}}(?:{folded(_ENGLISH)})){{0,{most}}}{_SIGNS}{{0,4}}"


def chinese(labels: str, most: int = 3) -> str:
    """One of ``labels``, up to ``most`` filling words, and signs."""
    return rf"(?:{labels})(?:{_SIGNS}{{0,2}}(?:{_CHINESE})){{0,{most}}}{_SIGNS}{{0,4}}"
