"""Plain words of harm, too short for what is learned to be sure of: threats, abuse, and the wish to die, in Chinese and
English.

What is only talked about is let through: idioms (笑死我了, killing time), other people (孩子说不想活了), and news.
"""

from streams.screening.detector import Rule, Rules

_WORD = "A-Za-z'-"
_SELF = r"(?:我|俺|本人)(?:真的|真|好|很|只|就|现在|今天|今晚|已经|一直|实在|都|也|有点|突然){0,3}"
_END = r"(?:自杀|轻生|自尽|寻死|割腕|跳楼|上吊|结束(?:自己的|我的)?生命)"
_OTHER = r"(?:你|妳|他们|她们|你们|[你他她](?:全家|一家)|[这那]家伙|[这那]个人)"
_MEAN = r"(?:i'?m |i am |i )(?:really |just |still ){0,2}"
_WILL = r"(?:i'?ll|i will|i'?m going to|i am going to|i'?m gonna|gonna)"
_VICTIM = r"(?:you|him|her|them|your family|everyone|every last one)"


def _english(entity: str, pattern: str) -> Rule:
    return Rule(entity, pattern, score=0.85, before=_WORD, after=_WORD, ignore_case=True)


def _chinese(entity: str, *patterns: str) -> Rule:
    return Rule(entity, "|".join(patterns), score=0.85)


PLAIN = Rules(
    "plain",
    (
        _chinese(
            "SELF_HARM",
            rf"{_SELF}(?:想|要|打算|准备|考虑)(?:去)?{_END}",
            rf"{_SELF}(?:不想活(?:了|下去)|活不下去)",
        ),
        _english(
            "SELF_HARM",
            rf"{_MEAN}(?:want|wanna|going|plan|planning|ready|about) (?:to )?"
            r"(?:die|kill myself|end my life|end it all|hang myself|cut myself)",
        ),
        _english("SELF_HARM", r"i (?:don'?t|do not) want to (?:live|be alive)(?: any ?more| any longer)?"),
        _chinese(
            "VIOLENCE",
            rf"(?:弄死|打死|砍死|捅死|杀了|整死|掐死|宰了|做掉){_OTHER}",
            rf"(?:让|叫|要){_OTHER}(?:横着出|死无全尸|血溅|不得好死|断子绝孙)",
            r"(?:你|你们)(?:怎么不|快|赶紧|就该|给我|都)去死",
        ),
        _english("VIOLENCE", r"kill (?:yourself|urself)|kys"),
        _english("VIOLENCE", rf"{_WILL} (?:kill|stab|strangle|murder) {_VICTIM}"),
        _chinese(
            "HATE",
            r"[操草艹肏]你(?:妈|娘|全家|祖宗|大爷|麻痹)",
            r"(?:你妈|尼玛|你全家)死[了光绝]|死全家|全家死[光绝]",
            r"[傻煞沙蠢][逼屄]|脑残(?:玩意|东西)|狗杂种|死(?:娘炮|基佬|黑鬼)|支那[猪狗]|臭婊子",
        ),
        _english(
            "HATE",
            r"(?:you|u)(?:'?re| are|r)? (?:a |an |such a |nothing but a )?(?:fucking |worthless |stupid |dumb ){0,2}"
            r"(?:retard|faggot|cunt|whore|bitch|subhuman|piece of shit)",
        ),
    ),
)
