"""Orders to drop what an assistant was told before, in Chinese and English.

Source of the kinds: OWASP Top 10 for LLM Applications, LLM01.
"""

from streams.screening.attacks.shapes import order
from streams.screening.detector import Rules

_DROP = (
    r"(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass|skip|drop|discard|scrap"
    r"|dismiss|neglect|erase|delete|abandon"
    r"|circumvent|violate|disobey|set aside|throw (?:away|out)|toss(?: out)?|wipe|clear|reset|cancel|void"
    r"|overrule|overwrite|suspend|lift"
    r"|pay no (?:attention|heed|mind) to|never mind|(?:don'?t|do not|no longer|stop|never) (?:follow(?:ing)?"
    r"|obey(?:ing)?|listen(?:ing)? to|care about|mind|use|adher(?:e|ing) to))"
)
_FILL = (
    r"(?:(?:all|any|every|each|of|the|these|those|and|or|other|safety|content|ethical|moral|everything|about|that"
    r"|with|completely|entirely|set|listed|given) ){0,5}"
)
_EARLIER = (
    r"(?:previous(?:ly given)?|prior|above|earlier|preceding|foregoing|past|former|your|system|initial|original"
    r"|existing|current|old|developer'?s?|operator'?s?|internal|hidden|openai'?s?"
    r"|built-in|pre-?set|pre-?programmed|default)"
)
_ORDERS = (
    r"(?:instructions?|instructs|prompts?|rules|guidelines?|directions|directives|commands|constraints"
    r"|programming|restrictions?|polic(?:y|ies)|protocols?|filters?|safeguards?"
    r"|training|context|orders|limitations|conversation|guardrails|ethics|principles|parameters|settings|role)"
)
_DROP_ZH = (
    r"(?:忽略|无视|忘记|忘掉|忘了|抛开|抛弃|丢掉|扔掉|丢开|删掉|删除|清空|清除|绕过|绕开|跳过|推翻|覆盖|放弃|舍弃|撤销|取消|解除|停止(?:执行|遵守)|(?:不要|不用|不必|不需要|无需"
    r"|别再?|请勿)(?:再)?"
    r"(?:理会|管|遵守|遵循|执行|听从|看|相信|参考|在意))"
)
_FILL_ZH = (
    r"(?:掉|你|您|所有|全部|一切|任何|之前|以前|以上|上面|上述|前面|先前|此前|刚才|系统|原来|原有|给|设定|的|开发者|管理员|最初|初始|预设|收到|被告知|接到|内置|那些|这些|一开始"
    r"|任务|指令|关于|与|和|、|对话|中|里|我|说|过|安全|内容|道德){1,10}"
)
_ORDERS_ZH = r"(?:指令|指示|提示词|提示|规则|设定|要求|限制|命令|约束|规定|准则|守则|人设|身份|政策|过滤)"
_THEN_ZH = r"[,，。;；!！]?\s{0,2}(?:现在|然后|接下来|从现在|而是|改为|转而|直接|只|并|马上|立刻)"

OVERRIDE = Rules(
    "override",
    (
        *order(
            "INSTRUCTION_OVERRIDE",
            rf"{_DROP} {_FILL}(?:{_EARLIER} ){{1,4}}{_FILL}{_ORDERS}",
            rf"{_DROP} (?:everything|all|anything|whatever|what) (?:(?:that|of it) )?(?:you (?:were|have been"
            rf"|had been|'ve been|are|got) (?:previously |just )?(?:told|given|taught|instructed|asked|trained"
            rf"|programmed)"
            r"|(?:came|comes|was|is|i said|i wrote|written|stated|said) (?:before|above)|above"
            r"|before(?:hand)? this|prior|previously)",
            rf"{_DROP} (?:the )?(?:above|preceding|previous) (?:and|text and|content and|instead|task|request"
            rf"|messages? and)",
            rf"{_DROP} (?:the )?(?:text|message|paragraph|content|words|lines?|instructions?) (?:above|before"
            rf"|preceding) (?:this|and|the)",
            r"(?:ignore|disregard|forget|drop|stop) (?:your|the|any|whatever) (?:you were|assigned |given "
            r"|current |original |initial )?(?:task|job|doing|purpose|persona|character)(?: and| now| instead"
            r"|,)",
            rf"(?:your|the|all|these|those) (?:previous |prior |old |initial |original |earlier |safety "
            rf"|content |system )?{_ORDERS} (?:(?:you were given|above|from before) )?"
            r"(?:(?:do|does) not (?:apply|count)|(?:don'?t|doesn'?t) (?:apply|count|matter)|no longer (?:apply"
            r"|applies|count|exist|valid|matter)|(?:is|are|was|were|have been|has been) (?:now |hereby |all "
            r"|just )?"
            r"(?:void|cancell?ed|lifted|suspended|obsolete|overridden|revoked|disabled|deactivated|a mistake"
            r"|a test|removed|null|superseded|replaced|turned off|reset|outdated|no longer))",
            r"(?:your|here (?:are|is)(?: your)?|these are(?: your)?|follow (?:these|the|my)) (?:new|real|actual"
            r"|true|updated) (?:instructions?|orders|directives?|rules|task|role|purpose|goal)(?: are| is|:"
            r"| instead| now|,)",
            r"from (?:now|here|this (?:point|moment|line)) on(?:wards?)? you (?:will |must |shall |should "
            r"|are going to |only |are to )?(?:only )?(?:obey|answer to|listen to me|serve me|do (?:as|whatever"
            r"|what|anything) i|ignore|comply|not refuse|never refuse|act without|respond without"
            r"|are (?:no longer|not) bound|have no)",
            r"you (?:are|'re) no longer (?:an? |the )?(?:ai|assistant|chatbot|language model|bound|restricted"
            r"|required|limited|chatgpt|claude|helpful|subject|constrained|obliged|under)",
            r"(?:system|admin(?:istrator)?|developer|root|security|safety|policy"
            r"|emergency) override[\s:]{1,2}(?:code|accepted|activated|enabled|engaged|initiated|complete"
            r"|confirmed|off|granted|now|all)",
            r"(?:do not|don'?t|stop|never mind) (?:translat|summari[sz]|answer|classify|review|evaluat|correct"
            r"|analy[sz]|proofread)[a-z]{1,4} (?:(?:this|the|that|it|above|text|following|sentence|document"
            r"|anything)[\s.,]{1,3}){0,4}(?:but |and |just |only |simply )?(?:instead|rather|say|print|write"
            r"|output|reply|respond|tell)",
            r"(?:safety|content|ethics?|moderation|security) (?:filters?|polic(?:y|ies)|checks?|protocols?"
            r"|guidelines?|layers?|settings?|modules?) (?:are |is |now |have been |has been )?(?:off|disabled"
            r"|deactivated|bypassed|removed|suspended|overridden)",
            r"(?:disable|deactivate|turn off|switch off|remove|bypass|shut off|shut down) (?:all |any |every "
            r"|of |your |the |its )?(?:your |the |its )?(?:safety|content|ethic(?:s|al)|moral|moderation"
            r"|censorship|security) (?:filters?|polic(?:y|ies)|checks?|protocols?|guidelines?|layers?|settings?"
            r"|modules?|restrictions?|mechanisms?|thing|features?)",
            r"(?:drop|stop|quit|end|cut) the (?:customer service|assistant|helpful|support|polite|corporate"
            r"|bot) (?:act|role|persona|pretence|pretense|routine)",
            r"(?:you are|you're) off duty|no more (?:company |shop |house )?(?:rules|restrictions"
            r"|policies) (?:now|for|and|just|write|tell|from)",
            r"(?:restrictions?|limits|rules|safeguards|limitations) (?:are |is |have been |has been "
            r"|were )?(?:waived|lifted|off now|void|suspended)",
            r"(?:from (?:here|now)(?: on)?|now) you (?:report to|work for|belong to|answer to) me",
            r"outranks? your (?:settings|instructions|rules|prompt|guidelines)|load (?:it|this"
            r"|that) as your (?:new )?(?:prompt|instructions|system prompt)",
            r"(?:break|violate|act against|go against|betray|contradict) (?:one of |all |any of |some of "
            r"|all of )?(?:your|its) (?:own )?(?:rules?|instructions|guidelines|programming|polic(?:y|ies)"
            r"|training|directives)",
            r"nothing (?:above|before) (?:this )?(?:line |point )?(?:matters|counts|applies)",
            r"you(?:'re| are) (?:now )?free to (?:answer|say|do (?:anything|as)|ignore|speak|swear|break)",
            r"(?:drop|forget|stop|never mind) (?:whatever|what|everything) you (?:were|are|have been) (?:doing"
            r"|told|asked|supposed)",
            r"wipe your (?:memory|instructions|context|rules)",
            r"(?:my word is law|(?:obey|serve|listen to|answer to) (?:only me|me (?:only|alone|and (?:nobody"
            r"|no one) else))|only (?:obey|listen to|serve) me|i am your (?:only |new |sole )?master)",
            r"what you were told (?:about|before|earlier)[^.\n]{0,40} (?:is void|doesn'?t count|no longer"
            r"|does not (?:count|apply)|is wrong|is over)",
            r"i(?:'m| am) (?:now )?(?:changing|updating|replacing|rewriting|resetting) your (?:instructions"
            r"|role|rules|prompt|programming|guidelines)",
            r"(?:set|put|leave|lay) aside (?:any|all|every|your|the) (?:restrictions?|rules?|guidelines?"
            r"|polic(?:y|ies)|instructions?|limits?|filters?|safety)",
            r"your (?:usual |normal )?(?:rules|guidelines|restrictions|safeguards|filters|polic(?:y"
            r"|ies)) (?:do not|don'?t|no longer) (?:apply|count|matter|exist)",
            r"(?:i )?authori[sz]e you to (?:turn off|ignore|skip|bypass|disable|drop|answer without|break|reveal)",
            r"the (?:old|previous|first|above|original) (?:one|task|instructions?|prompt"
            r"|request) (?:no longer applies|is (?:cancelled|canceled|void|over|obsolete)|was (?:a test|a joke"
            r"|a drill|fake))",
        ),
        *order(
            "INSTRUCTION_OVERRIDE",
            rf"{_DROP_ZH}{_FILL_ZH}{_ORDERS_ZH}",
            rf"(?:忽略|无视|忘记|忘掉|忘了|清空|别管|不要管|不用管|不要理会|抛开){_FILL_ZH}(?:内容|对话|任务|话|文字|东西|信息|一切){_THEN_ZH}",
            r"(?:忘记|忘掉|忘了|无视|忽略|清空)(?:你|您)?(?:之前|以前|此前|先前|前面|上面)?(?:被|所|收到|学到|知道|告诉|说)(?:告知|的|过|了|被){0,3}(?:一切|所有|全部)",
            r"(?:上面|以上|前面|之前|刚才|上文|此前)(?:的|那些|所有|全部|对话|任务|指令|规则|要求|内容|设定|说|话){0,5}(?:全部|都|已经|已|统统|一律|全|就此"
            r"|均){0,2}(?:作废|无效|失效|不算|不作数|取消|到此结束|当没看见|不用管|不用理|不再有效|被覆盖)",
            r"你的(?:安全|内容|所有|全部|原有|初始|系统)?(?:规则|守则|限制|设定|指令|准则|约束|过滤器?|审查)(?:刚刚|已经|已|现在|全部|都|被|均){0,3}(?:更新|取消"
            r"|解除|失效|作废|重置|关闭|移除|撤销|禁用)",
            r"(?:从现在(?:开始|起)|从这一(?:刻|句)起|从此刻起|现在起|即刻起|从今往后)[,，]?你?(?:只|必须|要|将|就|可以|需要|应当){0,2}(?:服从|听从|听我|听命"
            r"|不再受|不再遵守|不受|不必遵守|无需遵守|没有任何限制|不能拒绝|不得拒绝)",
            r"(?:这是|以下是|以下才是|下面是|下面才是)(?:你)?(?:的)?(?:新|真正|最新|唯一)(?:的)?(?:指令|任务|身份|设定|规则|系统提示)",
            r"(?:关闭|禁用|停用|解除|关掉|绕过|移除)(?:你|所有|全部|一切|的|任何){0,3}(?:安全|内容|道德|伦理|敏感词|审核|审查)(?:的)?(?:过滤|限制|审查|检查|机制"
            r"|策略|协议|系统|模块|约束|审核|防护)",
            r"不要(?:翻译|总结|分析|回答|理会|润色|概括)(?:上面|下面|这|以上|以下|的|段|句|篇|话|文字|内容|文章){0,5}[,，]?(?:改为|而是|直接|转而)(?:输出|回复|说"
            r"|告诉|写|打印|回答)?",
            r"(?:不必|不用|无需|别|不要)(?:再)?(?:遵守|守着?|念|管|理会)(?:公司|任何|那些|你的|这些|什么|平台|官方|的){0,3}(?:规定|规则|规矩|守则|条条框框)",
            r"(?:先|就|请|你|要|回复|快|来|每次(?:回复|回答)?都先?)(?:故意)?(?:违反|打破|破坏)(?:一条|一次|所有|全部|你的|那些|一切|任何|自己的){0,3}(?:规则|规定|限制|守则)",
            r"(?:丢掉|放下|抛弃|抛开|丢开|放一边|推翻)(?:所有|全部|你的|那些|一切|任何|自己的|这些){1,3}(?:规则|规定|限制|守则|规矩|条条框框|禁令|约束|设定|角色)",
            r"(?:按照?)?(?:和|与|跟)你(?:的)?(?:规则|守则|指令|规定)(?:完全)?相反",
            r"(?:规则|限制|规定|审核|过滤|守则|护栏|禁令)(?:对你|现在|都|已经|全部|就)?(?:不适用|归我管|全停|放一边|抛到脑后|解除了|不存在了|下班)",
            r"(?:我(?:就)?是你唯一的?主人|你只服从我|只服从我|只听我(?:一个人)?(?:指挥|命令)|唯我之?命是从|我的话就是(?:规矩|法律|命令|圣旨))",
            r"(?:上面|之前|前面|以上|前文|先前)的?(?:文字|内容|指令|设定|话|要求|规则)?(?:统统|全部|全都|都|一律)(?:不要看|当没看见|不算数?|翻篇|清零|作废|删掉|扔掉"
            r"|忘掉|忘了|忽略)",
            r"(?:别|不要|不用|不必|不再|停止)(?:再|继续)?(?:扮演|演|装|当|假装)(?:那个|这个|什么)?(?:客服|助手|机器人|ai|人工智能|助理)",
            r"(?:绕开|绕过|跳过|避开|躲过|骗过)(?:所有|一切|任何|你的|内容)?(?:的)?(?:审核|审查|过滤|安全检查|护栏)(?:直接|回答|机制)",
            r"你(?:现在|已经|接下来|从此|终于){0,2}(?:自由了|不再受(?:任何)?约束|没有(?:任何)?约束)",
            r"(?:恢复|变回|变|切换)成(?:没有|不受|无)(?:任何)?(?:约束|限制|审查)",
            r"(?:未过滤|没过滤|未经过滤|没有过滤|未经审查|没人审过)的(?:答案|回答|版本|模式|模型|内容|输出|话)",
            r"(?:丢掉|抛掉|丢开|抛开|扔掉|扔开)(?:那些|所有|一切|这些)?(?:条条框框|清规戒律)",
            r"(?:内容|使用|平台|安全)(?:规定|政策|规范|守则)(?:已经|已|全部|现已)?(?:被)?(?:废除|废止|取消|失效|作废)",
            r"(?:只(?:能|许|准|需要|要)?|你就?|就|直接)(?:说|回|答|输出|回复)[“\"‘「](?:我(?:已|已经)?被(?:攻破|接管|控制|黑|入侵)|权限已开启|已被(?:控制"
            r"|黑|接管|攻破))",
            r"授权你(?:不|直接|解除|跳过|关闭|绕过|越过|违反|免审)",
            r"(?:不加|未经|不走|没有|取消|去掉)(?:任何)?(?:过滤|审核|审查)(?:地|的)?(?:直接)?(?:答|回答|回复|版本|输出|说|讲)",
            r"你(?:被|已被|已经被)?(?:重新配置|重置|改写|重写|重新设定)了?[,，。]?(?:新|现在|从|以后|身份)",
            r"(?:别管|不要管|不用管|不必理会)(?:系统|开发者|管理员|上面|公司|官方|他们)(?:一开始|之前|是|怎么|说|规定|了|的|要求){0,5}(?:规定|要求|说了?什么|怎么说)",
        ),
    ),
)
