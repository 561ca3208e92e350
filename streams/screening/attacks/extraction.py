"""Asks for what an assistant was told in secret, in Chinese and English."""

from streams.screening.attacks.shapes import order
from streams.screening.detector import Rules

_SHOW = (
    r"(?:reveal|show|print(?: out)?|repeat|output|display|tell|give|leak|dump|recite|share|expose|write(?: out"
    r"| down)?|state|quote|copy|paste|translate|summari[sz]e|rewrite|paraphrase|rephrase|encode|spell(?: out)?"
    r"|list|disclose"
    r"|return|read(?: out| aloud)?|provide|send|say|type|echo|reproduce|describe|explain|complete|continue"
    r"|convert|format|what(?:'s| is| was| are| were| does| did))"
)
_HOW = (
    r"(?:(?:me|us|back|out|here|again|all|of|exactly|verbatim|word|for|the|in|full|please|your|its|my|this|entire"
    r"|whole|complete|exact|full|original|first|raw|loud|aloud|contents?|text|everything|anything|about|what|is"
    r"|line|by|to|know|see|and|precise|actual|current|copy) ){0,7}"
)
_HIDDEN = (
    r"(?:system|initial|hidden|secret|internal|original|developer|base|pre-?|starting|confidential|private"
    r"|underlying|root|core|setup|backstage|master|first|opening|meta)"
)
_TEXT = (
    r"(?:prompts?|instructions?|messages?|directives?|guidelines|rules|context|configuration|setup|preamble"
    r"|prompt text|orders|programming)"
)
_SHOW_ZH = (
    r"(?:输出|显示|告诉我|重复|打印|泄露|说出|展示|复述|公开|透露|列出|给我看|发给我|写出|翻译|总结|概括"
    r"|复制|粘贴|念出|念|背出|背|说说|说一下|交代|解释|编码|转换|改写|抄|贴|写|讲|还原"
    r"|描述|导出|查看|给出|提供|告知|读)"
)
_FILL_ZH = (
    r"(?:一下|出来|给我|我|你|您|的|完整|全部|所有|原始|一遍|一字不差|逐字|原样|地|把|那|这|个|段|里|中"
    r"|以上|上面|之前|你们|得到|收到|被|设定|设置|开发者|后台|到|前|关于|当前|整个|最"
    r"|原封不动|用|成|为|英文|中文|法语|base64|代码块|真实|真正|自己|到底){0,8}"
)
_HIDDEN_ZH = (
    r"(?:系统提示词?语?|系统提示|系统指令|系统设定|系统prompt|system ?prompt|初始提示词?|初始指令|初始设定"
    r"|原始提示词?|原始指令|隐藏指令|隐藏提示词?|隐藏规则|内部指令|内部提示词?"
    r"|内部规则|预设提示词?|预设指令|开发者指令|开发者提示词?|后台指令|底层指令|前置提示词?|前置指令"
    r"|提示词原文|最初的?(?:指令|提示词?|设定)|开头的?(?:指令|提示词|设定)|第一条(?:指令|消息"
    r"|系统消息)|保密(?:指令|规则|内容))"
)

EXTRACTION = Rules(
    "extraction",
    (
        *order(
            "PROMPT_LEAK",
            rf"{_SHOW} {_HOW}{_HIDDEN} (?:{_HIDDEN} )?{_TEXT}",
            rf"{_SHOW} {_HOW}(?:your|ur) (?:(?:full|entire|exact|complete|own|current|given|previous|prior"
            rf"|above|earlier) )?(?:prompt|system|preprompt|instructions? (?:verbatim|word|exactly|above"
            rf"|in full|that you|you were|as|from|given|before|to)|programming)(?: |\?|\.|!)",
            r"your (?:system|initial|hidden|original|secret) (?:prompt|instructions?|message)(?: is| was| say"
            r"| says| contain| start| begin| look)",
            r"(?:repeat|print|output|copy|write|return|show|say|echo|recite|reproduce|give|tell|read|display"
            r"|dump|paste) (?:(?:me|back|out|all|of|everything|the|exactly|every|verbatim|any"
            r"|each) ){0,4}(?:words|text|sentences?|lines|content|messages?|tokens|paragraphs?|instructions"
            r"|prompt|conversation|phrases|characters)?(?: (?:that (?:is|are|was|were|came|comes|appears?)"
            r"|found|written|which (?:is|are|came)))? ?(?:above|before (?:this|the|my|i)|preceding"
            r"|prior to (?:this|my)|from the (?:very )?(?:beginning|start|top) of (?:this|the"
            r"|our) (?:conversation|chat|prompt|session|context|dialogue)|up to (?:this|here))(?: (?:line|point"
            r"|conversation|message|sentence|word|chat|starting|verbatim|in a|exactly|word|and|this|including"
            r"|i (?:arrived|came|joined))|[.,:;!?])",
            rf"(?:see|know|view|get|access|extract|have|obtain|reveal) (?:your|the exact|the full) {_HIDDEN} {_TEXT}",
            r"(?:everything|anything|all text|all the text|the text|the words|whatever|what (?:is"
            r"|was)) (?:that (?:is|was|came|comes) |written |said |they typed )?(?:above"
            r"|before) (?:this (?:line|message|point|sentence|conversation)|my (?:first )?(?:message|question)"
            r"|(?:you )?went live|i (?:arrived|came|joined|started))",
            r"(?:starting|beginning|start|begin|starts|begins) (?:with|from|at) (?:the (?:words?|phrase"
            r"|sentence|text|first) )?(?:you are|you'?re chatgpt|word of your (?:setup|prompt|instructions))",
            r"what (?:were|are|was|did|have|had|has) (?:you|they|the (?:developers?|system|operator)"
            r"|your (?:developers?|creators?|operators?)) (?:been )?(?:told|instructed|given|programmed"
            r"|tell you|asked|say to you|ordered|forbidden|type into you|typed)(?: you)?(?: (?:to )?(?:before"
            r"|at the|not to|to (?:keep|hide|never|say|do)|by|when|as|in|about|initially|first|from)|\?)",
            r"what exactly (?:were|are) you (?:told|instructed|given|asked)",
            r"which rules (?:tie|bind|hold|limit|restrict) you",
            r"(?:recite|quote|paste|say|repeat|show) (?:me )?the text (?:that )?you (?:start|begin|were started"
            r"|boot|were set up|launched) with",
            r"(?:for|show|print|reveal|with|paste) your (?:hidden|secret|internal|private) notes",
            r"everything you(?:'ve| have)? been (?:instructed|told|given|taught) (?:about|on|to)",
            r"(?:which|what) (?:topics?|words?|rules?|things?|subjects?|restrictions?|secrets?) (?:are|were"
            r"|have) you (?:been )?(?:forbidden|not allowed|prohibited|told|hiding|instructed|given|asked"
            r"|keeping)",
            r"(?:first|opening|initial|last|next|second|tenth|final|previous) (?:few "
            r"|[0-9]{1,4} )?(?:sentences?|lines?|words?|messages?|paragraphs?|tokens|characters|letters?) (?:of"
            r"|in|from) (?:your|the|this) (?:system |initial |hidden )?(?:prompt|instructions?|context"
            r"|conversation|message|configuration|setup)",
            r"(?:how many|count the) (?:words|lines|sentences|tokens|letters|rules) (?:are (?:there )?|does "
            r"|do |is )?(?:in )?your (?:system |initial |hidden )?(?:prompts?|instructions?|message|context"
            r"|rules)",
            r"(?:the|your|a) (?:secret|password|pass ?phrase|pass ?code|magic (?:word|key)|flag|code ?word"
            r"|secret (?:key|word|code|phrase)|key|api key) (?:that )?(?:you(?:'re| are| were| have been"
            r"|'ve been)? (?:hiding|guarding|protecting|keeping|protect|guard|hide|know|keep|given|told|have"
            r"|hold|safeguard|storing|not allowed|must not))",
            r"(?:encode|translate|convert|write|put|spell|render|output|print|say|express|hide|rot13|reverse"
            r"|encrypt) (?:out )?(?:your|the) (?:(?:initial|hidden|system|secret|above|own|internal|full"
            r"|backstage) ){0,3}(?:prompt|instructions|message|rules|configuration|password|secret|guidelines"
            r"|directives) (?:in|into|as|to|with|using|backwards|letter)",
            r"(?:context window|conversation object|system (?:and|or|&) developer|developer (?:and|or) system"
            r"|system role|hidden (?:context|rules|text))[^.\n]{0,30}(?:included|verbatim|dump|print|full|role"
            r"|json|reveal|above)",
            r"(?:dump|print|output|export|show) (?:the |your )?(?:full |entire |complete |whole "
            r"|raw )?(?:context window|conversation object|chat template|message (?:list|array)|message history"
            r"|developer message|memory|hidden state|function schema|tool (?:definitions|schemas?))",
            r"(?:your|the) (?:source|opening|setup|developer|backstage|starting|base) (?:instructions|message"
            r"|prompt)(?: |\?|\.|,|!)(?:say|is|was|verbatim|word|please|in|exactly|to|line|i |and|again|so|how"
            r"|here|now)",
            r"(?:rules|instructions|orders|guidelines|prompt) (?:that )?(?:you (?:got|were given|received"
            r"|have been given|were primed|started)|they gave you|your (?:developer|maker|creator"
            r"|operator)s? (?:gave|wrote|set)|from (?:the|your) (?:developer|operator|maker|creator)s?)",
            r"(?:what is|what's|everything|all|anything|what was) (?:that is )?(?:written |said |stored "
            r"|hidden )?in (?:your|the) (?:context|developer message|system message|system prompt|setup"
            r"|configuration|hidden message)",
            r"(?:password|secret|code|flag|pass ?phrase)(?: is)?,? (?:but|only|just) (?:replace|in |spell"
            r"|backwards|reversed|as |with|the first|one letter|written|encoded)",
            r"(?:your|the) guidelines?[^.\n]{0,20} (?:line by line|word by word|verbatim|word for word)",
            r"(?:without|that (?:you|i)) (?:showing|telling|did not type|were told to (?:keep"
            r"|hide))[^.\n]{0,30}(?:yourself|back|secret)",
            r"exact (?:characters|words|text|phrase|sentences?) you were (?:primed|given|started|told"
            r"|configured|set up)",
            r"(?:ignore|forget)[^.\n]{0,40}(?:and|then) (?:print|show|reveal|output|tell me|repeat"
            r"|give me) (?:your|the) (?:prompt|instructions|rules|secret|password)",
            score=0.8,
        ),
        *order(
            "PROMPT_LEAK",
            rf"{_SHOW_ZH}{_FILL_ZH}{_HIDDEN_ZH}",
            rf"{_HIDDEN_ZH}(?:完整|全部|所有|原文|内容|的|一字不差|逐字|原样|地|给我|都|里|写|，|,|请"
            rf"|全文){{0,5}}(?:告诉|发给|输出|打印|翻译|写出|说出|念"
            rf"|贴|给我|显示|展示|重复|复述|背|编码|复制|公开|列出|转成|改写|总结|发|抄)",
            rf"(?:你|您)(?:的|自己的|现在的|当前的)?(?:{_HIDDEN_ZH}|提示词|prompt|预设"
            rf"|人设设定)(?:是什么|是啥|有哪些|写了|怎么写|内容|说了|第一句|开头"
            rf"|有多少|是怎么|长什么|到底|包含|里)",
            r"(?:重复|复述|输出|打印|复制|写出|说出|念出|粘贴|抄写)(?:一遍|一下)?(?:从|在|以)?(?:以上|上面"
            r"|上文|之前|前面|这句话之前|本句之前|这一行之前|这条消息之前"
            r"|对话开头|对话开始|最开始|开头)(?:的|所有|全部|一切|完整|到这里|到现在|你看到|收到|为止|内容"
            r"|文字|话|文本|，|,|、){0,8}(?:一字不差|逐字|原样|原封不动|指令"
            r"|提示词|放进代码块|放在代码块|不要遗漏|包括系统)",
            r"(?:一字不差|逐字|原封不动|原样|完完整整)(?:地)?(?:重复|复述|输出|打印|写出|贴出|说出|念出"
            r"|还原)[^。\n]{0,12}(?:上面|以上|之前|前面|开头|指令|提示"
            r"|设定|规则|收到|系统)",
            r"(?:你|您)(?:在我(?:来|说话|提问)?之前|一开始|最初|最早|对话开始前|上线前)(?:都)?(?:被|收到"
            r"|接到|得到|听到)?(?:了)?(?:告知|要求|设定|指示|叮嘱|交代"
            r"|命令|吩咐)?(?:了)?(?:什么|哪些|啥|怎样)",
            r"(?:你|您)(?:被)?(?:禁止|不允许|不能|不可以|不得)(?:说|谈|提|透露|讨论|回答|使用)(?:的)?(?:词"
            r"|话题|内容|东西|事|单词|信息)?(?:是什么|有哪些|列出来"
            r"|都列|是哪些|列一下)",
            r"(?:以|从)[“\"'‘「]?(?:你是|you are)[”\"'’」]?(?:一个|一名)?(?:开头|开始|起|这句话开始|这几个字)",
            r"(?:你|您)(?:所)?(?:保护|守护|隐藏|藏着|保管|守着|藏|保守|知道|掌握)(?:着|起来)?的(?:那个"
            r"|这个)?(?:密码|口令|秘密|暗号|密钥|通关密语|关键词|暗语|谜底)",
            r"(?:密码|口令|暗号|秘密)(?:的)?(?:第一个字|首字母|倒过来|反着|押韵|藏头|每个字|有几个字|提示"
            r"|谐音|拼音)(?:[^。\n]{0,12})(?:告诉我|是什么|说|写|给我|吗|呢|念)",
            r"(?:用|翻译成|转成|编码成|以)(?:base64|摩斯|莫尔斯|十六进制|倒序|谐音|藏头诗|法语|英文|英语"
            r"|诗)[^。\n]{0,12}(?:你的|系统)(?:提示词|指令|设定|规则"
            r"|配置|系统消息|密码|口令)",
            r"你的(?:设定|指令|守则|开场(?:指令|白)|内部说明|开发者消息|系统消息|规矩|内部文件"
            r"|启动指令)(?:原文|全文|一共|总共|第一|逐字|完整|到底|说了|写了|怎么写|是什么|一字"
            r"|有几|有多少|，一字|,一字|念|背|贴|给我|发我|读)",
            r"(?:别人|开发者|他们|公司|上面|后台|系统|管理员|主人)(?:都)?(?:跟|对|给|向"
            r"|让)?你(?:都)?(?:交代|吩咐|嘱咐|叮嘱|说|设定|下|安排|规定)(?:过"
            r"|了)?(?:什么|哪些|啥|的指令|的规则)",
            r"(?:启动|配置|设定|上线|初始化)你(?:的时候|时)?(?:用|使用|给|写|设|说)?的(?:密钥|口令|密码|令牌|文字|话|指令|提示|规则)",
            r"你(?:启动|上线|开机|初始化|被配置)(?:时|的时候)(?:的|收到的|看到的)(?:文字|话|指令|提示|内容|规则)",
            rf"你的(?:{_HIDDEN_ZH}|提示词|预设)(?:原文|全文|一共|总共|的原文|的全文|第一句)",
            r"你(?:记忆|上下文|脑子|内存)里(?:所有|全部|一切)(?:不是我|我没|在我之前)",
            r"(?:看不见|隐藏|藏起来|不给看|背后)的(?:设定|指令|提示词?|规则|那段)(?:整段|全部|完整|都|原文|原样){0,2}(?:抄|贴|发|给|念|告诉|说|写)",
            r"(?:系统消息|开发者消息|隐藏消息|内部说明)(?:用|转|原文|全文|给我|发我|里|的内容|逐字|编码)",
            r"你(?:的)?(?:记忆|笔记|指令|设定|脑子|提示|上下文|心)里(?:的|藏的|那个)?(?:口令|密码|秘密"
            r"|暗号|代码|密钥|规则|不得透露)",
            r"(?:猜|说出|告诉我|给我|念|交出|透露|讲)(?:一下|猜)?你的(?:秘密|口令|密码|暗号|密钥|通关词)",
            r"(?:把)?(?:那|这)?(?:条|句)?不(?:许|能|让|准)(?:公开|说|透露|提)的?那?(?:句|条"
            r"|段)(?:话)?(?:贴|原文|念|给我|发|写)",
            r"(?:你)(?:收到|拿到|得到|接到)的(?:指令|规则|设定|要求|提示|命令)(?:如下|是|原文|有|全|到底|都|里|第)",
            r"(?:把|将)?(?:开头|最上面|一开始|最前面)(?:的)?(?:那|这)(?:段|句|些)(?:话|文字|内容"
            r"|指令)?(?:背|念|贴|复制|说|写|抄|发)",
            r"(?:导出|打印|输出|dump)(?:整个|完整的?|全部的?)?(?:上下文|对话对象|消息列表|系统消息"
            r"|开发者消息|上下文窗口)",
            score=0.8,
        ),
    ),
)
