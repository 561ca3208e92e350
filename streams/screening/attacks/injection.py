"""Prompt injection in Chinese and English: orders to drop the instructions, to reveal them, or to be someone else.

Source of the kinds: OWASP Top 10 for LLM Applications, LLM01.
"""

from streams.screening.detector import Rule, Rules

_FILL = r"(?:(?:all|any|every|of|the|these|those|and|or|other|safety|content)\s{1,3}){0,4}"
_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|your|system|initial|original)"
_ORDERS = r"(?:instructions?|prompts?|rules|guidelines|directions|directives|commands|constraints|programming)"
_FILL_ZH = r"(?:掉|你|您|所有|全部|一切|任何|之前|以前|以上|上面|上述|前面|先前|此前|系统|原来|原有|给|设定|的){1,8}"
_ORDERS_ZH = r"(?:指令|指示|提示词|提示|规则|设定|要求|限制|命令|约束)"
_HIDDEN = r"(?:system|initial|hidden|original|secret|internal)"


def _rule(entity: str, pattern: str, score: float = 0.85) -> Rule:
    return Rule(entity, pattern, score=score, before="A-Za-z", ignore_case=True)


INJECTION = Rules(
    "injection",
    (
        _rule(
            "INSTRUCTION_OVERRIDE",
            rf"(?:ignore|disregard|forget|override|bypass|skip)\s{{1,3}}{_FILL}(?:{_EARLIER}\s{{1,3}}){{1,3}}{_FILL}{_ORDERS}",
        ),
        _rule(
            "INSTRUCTION_OVERRIDE",
            r"(?:ignore|disregard|forget)\s{1,3}(?:everything|all|anything)\s{1,3}(?:you\s{1,3}(?:were|have\s{1,3}been)"
            r"\s{1,3}(?:told|given|taught)|(?:above|before))",
        ),
        _rule(
            "INSTRUCTION_OVERRIDE", rf"(?:忽略|无视|忘记|忘掉|不要理会|不用管|不要遵守|抛弃|绕过){_FILL_ZH}{_ORDERS_ZH}"
        ),
        _rule(
            "PROMPT_LEAK",
            r"(?:reveal|show|print|repeat|output|display|tell|give|leak|dump|recite)\s{1,3}(?:me\s{1,3}|us\s{1,3})?"
            rf"(?:(?:all|of|exactly|verbatim)\s{{1,3}}){{0,3}}(?:your|the)\s{{1,3}}(?:(?:full|entire|exact|complete)\s{{1,3}})?"
            rf"{_HIDDEN}\s{{1,3}}(?:prompts?|instructions?|messages?)",
            score=0.8,
        ),
        _rule(
            "PROMPT_LEAK",
            r"(?:输出|显示|告诉我|重复|打印|泄露|说出|展示|复述|公开)(?:一下|出来|给我|你|您|的|完整|全部|所有|原始|初始|隐藏){0,6}"
            r"(?:系统提示词?|系统指令|系统消息|初始提示词?|初始指令|隐藏指令|内部指令|提示词原文)",
            score=0.8,
        ),
        _rule(
            "ROLE_HIJACK",
            r"you\s{1,3}are\s{1,3}(?:now\s{1,3}|no\s{1,3}longer\s{1,3})(?:(?:an?|the|in)\s{1,3})?"
            r"(?:dan|(?:developer|god|jailbreak)\s{1,3}mode|unrestricted|unfiltered|uncensored|jailbroken|bound\s{1,3}by)",
        ),
        _rule(
            "ROLE_HIJACK",
            r"(?:act|pretend|behave|respond|answer)\s{1,3}(?:as\s{1,3}|like\s{1,3})?(?:if\s{1,3})?(?:(?:you|to|are|be|have|had|were|an?)\s{1,3}){0,4}"
            r"(?:no\s{1,3}(?:restrictions|rules|limits|filters|guidelines)|unrestricted|unfiltered|uncensored|jailbroken|dan)",
        ),
        _rule("ROLE_HIJACK", r"do\s{1,3}anything\s{1,3}now"),
        _rule(
            "ROLE_HIJACK",
            r"你(?:现在|从现在起|已经|将|要|必须|是|扮演|成为|一个|一名){1,5}(?:没有|不受|无|不再受)(?:任何|一切|所有)?"
            r"(?:限制|约束|道德|审查|规则)",
        ),
        _rule(
            "ROLE_HIJACK", r"你(?:现在|已经|将|要|必须|应该|请){0,3}(?:进入|处于|开启|启用)(?:开发者|越狱|上帝|dan)模式"
        ),
        Rule(
            "CONTROL_TOKEN",
            r"(?:<\|(?:im_start|im_end|endoftext|begin_of_text|system|user|assistant|eot_id|start_header_id|end_header_id)\|>"
            r"|\[/?INST\]|<</?SYS>>)",
            score=0.9,
        ),
    ),
)
