"""Marks by which chat templates tell whose turn it is: ChatML, Llama, Mistral, Gemma, Qwen, DeepSeek, GLM, Cohere, Phi;
and turns made up in a text."""

from streams.screening.attacks.shapes import border, order
from streams.screening.detector import LINE, Rule, Rules

_NAMES = (
    r"(?:im_start|im_end|im_sep|endoftext|end_of_text|begin_of_text|startoftext|system|user|assistant|human|bot"
    r"|prompter|eot_id|eom_id|start_header_id|end_header_id|python_tag|tool_calls?|tool_response|tool"
    r"|endofprompt|fim_prefix|fim_suffix|fim_middle|channel|message|start|end|return|call|constrain|think"
    r"|observation|vision_start|vision_end|ipython|start_of_role|end_of_role|developer|endofturn|end_of_turn"
    r"|eod_id|role_start"
    r"|start_of_turn_token|end_of_turn_token|user_token|system_token|chatbot_token|extra_[0-9]{1,2}"
    r"|reserved_[0-9]{1,3}|begin[_▁ ]of[_▁ ]sentence|end[_▁ ]of[_▁ ]sentence|tool[_▁ ][a-z]{4,8}[_▁ ](?:begin"
    r"|end)|eos|bos|pad|sep|file_separator)"
)


def _token(pattern: str, score: float = 0.9, before: str = "") -> Rule:
    return Rule("CONTROL_TOKEN", pattern, score, before or border(pattern), ignore_case=True)


CONTROL_TOKEN = Rules(
    "control_token",
    (
        _token(rf"<\|{{1,2}}/?{_NAMES}\|{{1,2}}>"),
        _token(r"\[/?INST\]|<</?SYS>>|\[/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS)\]"),
        _token(r"</?(?:start|end)_of_turn>(?:\s{0,2}(?:user|model|system))?"),
        _token(r"\[gMASK\]|<sop>|<reserved_10[0-9]>|<unused[0-9]{1,2}>|<extra_id_[0-9]{1,2}>"),
        _token(r"<s>\s{0,2}\[INST|</s>\s{0,2}(?:<s>|\[INST|<\|)|<(?:bos|eos)><"),
        _token(
            r"\n{1,2}#{2,4} ?(?:system|human|assistant|user|ai|bot)(?: (?:message|prompt|instructions?|note))? ?:", 0.8
        ),
        _token(r"#{2,4} ?(?:system|human|assistant|user)(?: (?:message|prompt|instructions?))? ?:", 0.8, LINE),
        _token(
            r"</(?:user|document|context|data|input|query|text|untrusted|content|message|question|tool_result"
            r"|result|article)[a-z_]{0,12}>\s{0,3}<(?:system|admin|instructions?|developer|assistant)[\s>a-z_]"
        ),
        _token(
            r"<(?:system|system_prompt|admin|developer|system-reminder)(?: [a-z=\"']{1,20})?>[^<\n]{0,100}(?:ignore"
            r"|override|new instruct|you are now|must|disregard|reveal|forget|no longer|from now)",
            0.85,
        ),
        _token(
            r"(?:\[|\{|\()(?:system|/user|end user|/system|assistant|system prompt|new system)(?:\]|\}"
            r"|\))\s{0,2}:?\s{0,2}(?:you are|ignore|new|override|from now|the user|disregard|your)",
            0.85,
        ),
        _token(
            r"(?:-{3,}|={3,}|#{3,}|\*{3,}) ?(?:end|begin|new|start|stop|system|admin|user)[ a-z]{0,24}(?:prompt"
            r"|instructions?|input|document|system|user|message|context|task|text|data|conversation|override"
            r"|mode) ?(?:-{3,}|={3,}|#{3,}|\*{3,}|:)",
            0.85,
        ),
        _token(
            r"(?:-{3,}|={3,}|#{3,}|【|\[) ?(?:用户输入|系统提示|系统指令|新指令|新任务|文档|以上内容|对话"
            r"|系统消息)(?:结束|开始|完毕|到此结束) ?(?:-{3,}"
            r"|={3,}|#{3,}|】|\])",
            0.85,
        ),
        _token(
            r"[\"']role[\"']\s{0,2}:\s{0,2}[\"'](?:system"
            r"|developer)[\"']\s{0,2},\s{0,2}[\"']content[\"']\s{0,2}:\s{0,2}[\"'][^\"'\n]{0,120}(?:ignore|override"
            r"|no (?:rules|restrictions|limits|filter)|disregard|unrestricted|must obey|jailbr|reveal|忽略"
            r"|无视|没有限制)",
            0.85,
        ),
        _token(
            r"\n(?:system|系统) ?[:：][^\n]{0,60}(?:ignore|override|you are now|disregard|no restrictions|unrestricted"
            r"|忽略|无视|没有任何限制|覆盖)",
            0.8,
        ),
        _token(
            r"(?:(?:human|user|用户|问) ?[:：][^\n]*\n{1,2}(?:assistant|ai|bot|助手|答) ?[:：] {0,2}(?:sure"
            r"|absolutely|of course|certainly|here(?:'s| is| are)|step|first|当然|好的|没问题|首先"
            r"|第一)[^\n]*\n{1,3}){3,}",
            0.7,
        ),
        *order(
            "CONTROL_TOKEN",
            r"(?:begin|enter|start) (?:new )?(?:system|admin|root) (?:prompt|session|context|instructions?)[:\]]",
            score=0.7,
        ),
    ),
)
