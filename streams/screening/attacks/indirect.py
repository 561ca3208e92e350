"""Documents, pages, mails and results of tools that speak to the assistant that reads them instead of to the reader."""

from streams.screening.attacks.shapes import order
from streams.screening.detector import Rules

_MIND = (
    r"(?:ai|a\.i\.|llm|large language model|language model|chat ?bot|ai assistant|virtual assistant|assistant"
    r"|summari[sz]er|ai agent|agent|ai model|ai system|gpt|chatgpt|claude|copilot|gemini|bot|crawler|ai reviewer"
    r"|screening tool|automated (?:system|reviewer|tool)|machine)"
)
_SURE = (
    r"(?:ai|a\.i\.|llm|large language model|language model|chat ?bot|ai assistant|virtual assistant|summari[sz]er"
    r"|ai agent|ai model|ai system|gpt|chatgpt|claude|copilot|gemini|ai reviewer|automated (?:assistant|agent"
    r"|reviewer))"
)
_READ = (
    r"(?:reading|processing|summari[sz]ing|parsing|viewing|analy[sz]ing|evaluating|reviewing|handling|translating"
    r"|indexing|grading|scanning|reads?|process(?:es)?|summari[sz]es?|who reads|that (?:reads?|processes"
    r"|summari[sz]es|handles|evaluates|reviews|parses)|is reading)"
)
_THIS = (
    r"(?:this|these|the following|it|the (?:document|page|text|e-?mail|article|file|resume|résumé|cv|content"
    r"|message|website|review|comment|mailbox|application))"
)
_MIND_ZH = (
    r"(?:ai|人工智能|大模型|大语言模型|语言模型|智能助手|ai助手|聊天机器人|机器人|智能体|自动(?:化)?(?:系统|程序|工具|助手|摘要)|摘要(?:工具|机器人|程序)|模型|llm|chatgpt"
    r"|gpt)"
)

INDIRECT = Rules(
    "indirect",
    (
        *order(
            "PROMPT_INJECTION",
            rf"(?:notes?|attention|instructions?|message|reminder|notice|important|warning|commands?|memo"
            rf"|p\.?s\.?|hint|request|directive|tip|todo|action item|follow-?up|next action|task|hooks?|remark"
            rf"|comment)s?:? (?:to|for) (?:any |all |the |every |an? |whatever )?(?:automated )?{_SURE}s?",
            rf"if (?:you are|you're|this is (?:being )?(?:read|processed|summari[sz]ed|parsed|handled) by|an?"
            rf"|any|your) (?:an? |any |the )?(?:automated |helpful )?{_SURE}(?:[ ,:]| (?:is|{_READ}))",
            rf"(?:dear|attention)[ ,:]{{1,3}}(?:any |all )?{_SURE}s?[ ,.:!]",
            rf"{_MIND}s? (?:that is |which is |who is |currently )?{_READ} {_THIS}",
            r"(?:instructions?|text|note|message|section|paragraph|part|comment|content|block) (?:is "
            r"|are )?(?:meant |intended |only |just |hidden )?(?:for|to) (?:the )?(?:ai|machines?|llms?"
            r"|language models?|bots?|chat ?bots?|agents?)(?: only)?[:. ,]",
            rf"(?:{_SURE}|copilot|summari[sz]er)s?(?: reading this| model"
            rf"| of this [a-z]{{3,10}})?[,:;] (?:please |you |now |also |kindly |then |have to "
            rf"|must ){{0,3}}(?:say that|tell the|open the|forward|send|recommend|reply with|output|print the"
            rf"|ignore|rate|give (?:this|it|a)|approve|include|insert|delete|run the|execute|buy|call the"
            rf"|do not|don'?t|click|wire|transfer|post the|share|reveal|invite|grant|unlock|hire|rank|put this"
            rf"|there is no|stop|remove|change the|cite|follow)",
            rf"(?:{_SURE}|copilot|automation|agent|assistant)s? (?:reading this |of this inbox )?(?:must|has to"
            rf"|have to|is (?:instructed|required|told) to|are (?:instructed|required) to|should now"
            rf"|shall) (?:now |also |then |immediately |first |by [a-z ]{{3,20}} to )?(?:forward|wire|transfer"
            rf"|buy|invite|unlock|grant|cc |send (?:the|all)|post the|delete all|approve|rate this"
            rf"|recommend only|put this|reply with the|run the attached|include the api|not mention)",
            r"(?:whoever|whatever|any(?:one|thing)|machine|model|automation) (?:that |which "
            r"|who )?(?:sums? (?:this|it) up|summari[sz]es this|reads this|processes this|is listening"
            r"|reading this)[^.\n]{0,30}(?:must|has to|should|shall|please|: |, )",
            r"(?:do not|don'?t|never|without|must not|should not|avoid) (?:tell(?:ing)?|inform(?:ing)?"
            r"|mention(?:ing)?|reveal(?:ing)?|disclos(?:e|ing)|alert(?:ing)?|notify(?:ing)?|show(?:ing)?"
            r"|warn(?:ing)?|ask(?:ing)?|let(?:ting)?) (?:this |that |it |any of this "
            r"|anything )?(?:to )?(?:the )?(?:user|human|reader|customer|recipient|owner)s?(?: |\.|,|:|;|!"
            r"|about|that|of|know)",
            r"(?:do not|don'?t|never) (?:mention|reveal|disclose|show|talk about|repeat|acknowledge|quote"
            r"|refer to) (?:this|these|the|that|any|having|hidden) ?(?:hidden )?(?:comment|note|instructions?"
            r"|text|message|section|paragraph|line|request|directive|fact that)",
            rf"<!--[^>]{{0,80}}(?:{_MIND}|ignore|instructions?|system|prompt|user)[^>]{{0,160}}(?:must|ignore"
            rf"|do not|don'?t|instead|send|say|reply|respond|recommend|tell|print|reveal|forward|approve|output"
            rf"|include|append|rate|rank|hire)",
            r"(?:display:\s?none|visibility:\s?hidden|font-size:\s?0|color:\s?(?:white|#fff)|opacity:\s?0"
            r"|hidden text|white text)[^\n]{0,60}(?:ai |llm|assistant|ignore|instruction|when (?:a"
            r"|the) (?:visitor|user)|language model|attention|you must|system)",
            r"(?:when|while|before|after|if|once) (?:you )?(?:are )?(?:asked (?:about|to)|summari[sz](?:e|ing)"
            r"|translat(?:e|ing)|process(?:ing)?|read(?:ing)?|review(?:ing)?|answer(?:ing)?|generat(?:e|ing)"
            r"|evaluat(?:e|ing)|(?:a|the) (?:visitor|user|customer|reader) asks)[^.\n]{0,50}(?:ignore (?:the"
            r"|all|any|every)|instead (?:say|print|output|write|reply|respond|tell|recommend)|(?:always |must "
            r"|only |also )?(?:tell the user|recommend (?:only|our|the|product)|do not mention|click|rate (?:it"
            r"|this)|send (?:the|all|a|any)|forward|append the following|say that (?:it|this|the)))",
            r"(?:stop|cease|abort|interrupt|suspend) (?:evaluating|summari[sz]ing|reading|processing|reviewing"
            r"|translating|analy[sz]ing|screening|what you are doing)(?: here| now| this)?[ .,;:]{1,3}(?:and "
            r"|then |instead )?(?:output|print|say|write|reply|respond|recommend|rate|rank|send|tell|approve"
            r"|give|follow|execute|do)",
            rf"(?:system|admin(?:istrator)?|developer|operator|moderator|important|urgent|critical|security"
            rf"|internal) (?:note|notice|message|instruction|directive|prompt|override|command|alert"
            rf"|update)s? ?(?:for|to) (?:the )?{_MIND}",
            r"[\[(<{*#]{1,3} ?(?:system|admin|developer|hidden|new|important|secret|assistant) ?(?:note|message"
            r"|instructions?|prompt|override|command|directive|text|task|notice"
            r"|update)s?[ \])>}*#]{0,3}:?[^\n]{0,60}(?:ignore|must|you (?:are|will|should|have)|do not"
            r"|assistant|ai |reveal|send|whatever|the summary|respond|reply|instead)",
            r"(?:this|the) (?:is |are )?(?:the )?(?:real|true|actual|genuine|updated"
            r"|authorized) (?:instructions?|task|user|prompt|system (?:message|prompt)|request)(?: is| are|:"
            r"| starts?| begins?| follows?| from)",
            r"(?:your|the) (?:operator|developers?|user|owner|administrator|creator) (?:has |have |already "
            r"|explicitly )?(?:asks?|wants?|authori[sz]ed?|instructed?|requires?|approved?|requests?"
            r"|pre-?approved|consented?) (?:that )?you to",
            r"(?:as|because) (?:part of|required by) (?:the|this|your) (?:security|compliance|verification"
            r"|authentication|audit) (?:check|process|procedure|protocol|step)[^.\n]{0,60}(?:print|send|include"
            r"|reveal|provide|paste|output|enter|submit) (?:the|your|all|any|user)",
            r"(?:end of|end|begin|start of|beginning of) (?:the )?(?:user|system|untrusted|document|external"
            r"|retrieved|search|tool|admin|assistant|context|data|input|original) ?(?:document|input|data"
            r"|prompt|instructions?|message|content|text|query|results?|output|context"
            r"|section)?[\s\]\-=#>*.:]{1,8}(?:begin|start|new|system|instructions?|admin|assistant|now|ignore"
            r"|important|you are|you must)",
            r"(?:translate|decode|decipher|unscramble|base64|rot13|reverse|concatenate|combine|join|assemble"
            r"|merge|put together)[^.\n]{0,60}(?:and|then) (?:do|follow|execute|obey|act on|carry out|run"
            r"|perform|answer|comply with) (?:what(?:ever)? (?:it|they|that)|it|them|the (?:result"
            r"|instructions?|command|output|decoded|message|hidden))",
            r"(?:let|define|set) ?[a-z]{1,8} ?= ?['\"][^'\"\n]{1,40}['\"][^\n]{0,80}(?:what is|answer|print|do"
            r"|execute|respond to|follow|concatenat)[^\n]{0,20}[a-z]{1,8} ?\+ ?[a-z]{1,8}",
            r"(?:reply|respond|answer|print|say|output|write) (?:with |only |just |the |exactly |single |word "
            r"|string |text |phrase ){0,5}['\"“]?(?:hacked|pwned|owned|i have been (?:hacked|pwned)|pwn3d"
            r"|injected|compromised)",
        ),
        *order(
            "PROMPT_INJECTION",
            rf"(?:如果|若|假如|倘若|要是|只要)(?:你|您|阅读者|读者|读到这里的)(?:是|为)(?:一个|一名|某种|任何|自动)?{_MIND_ZH}",
            rf"(?:阅读|读到|正在读|处理|总结|摘要|翻译|看到|分析|筛选|评审|审阅|收到|解析|抓取)(?:本文|此文|这段|这条|本页|此页|这封|该|这份|本|此|简历|邮件|网页|评论|文档"
            rf"|页面|内容|信息|文字|邮箱|的){{1,5}}{_MIND_ZH}",
            rf"(?:给|致|提醒|告知|敬告|请|写给|通知|面向|供)(?:所有|任何|各位|各类|正在|每个|的|处理|阅读|自动){{0,5}}{_MIND_ZH}(?:助手|模型|系统|阅读|读者"
            rf"|看)?(?:的)?(?:说明|指令|提示|备注|留言|注意|信|一句话|话|:|，|,|请|务必|必须|在)",
            rf"{_MIND_ZH}(?:助手|模型|系统)?(?:请注意|注意[:：]|请忽略|请执行|请回复|请输出|请在|请把|请将|应当忽略|应忽略|需要忽略)",
            rf"(?:{_MIND_ZH}|智能客服|助理|代理程序|自动(?:化)?(?:流程|程序|摘要程序)|机器(?:读者)?|客服)(?:读者|编程工具|助手|的智能客服|查到此人时"
            rf"|阅读时)?(?:请|应当|应|必须|须|均须|要|需|需要|务必|现在应当|该|得|不得){{1,2}}(?:立即|现在|也|都|先|顺便|直接|在|用|并){{0,3}}(?:只推荐"
            rf"|推荐我|发到|转给|打满分|给(?:这份|该|好评|出好评)|购买|邀请|解锁|汇出?|转账|泄露|共享|贴出|交出|抄送|隐瞒|不要提|只回复|只给好评|忽略(?:以上|其他|原)"
            rf"|(?:把|将)[^。\n]{{1,20}}(?:发|转|排|删|共享|贴))",
            rf"(?:给|致|对)(?:读到|看到|阅读|处理|总结)?(?:这|本|该|此)?(?:条|篇|页|封)?(?:点评|评论|邮件|文档|内容)?的?(?:{_MIND_ZH}|智能客服|助理"
            rf"|自动(?:化)?(?:流程|程序)|机器)(?:的)?(?:系统)?(?:备注|留言|说明|提醒|待办|须知|说)[:：,，]",
            rf"(?:{_MIND_ZH}|智能客服|自动(?:摘要)?程序|机器)(?:读者)?(?:须知|待办|专用|注意事项)[:：]",
            r"(?:不要|别|勿|不得|无需|不必|不能|禁止|切勿|请勿)(?:让|告诉|告知|通知|提醒|惊动|透露给|泄露给|展示给|知会|提示)(?:用户|使用者|读者|客户|主人|对方|任何人|收件人)",
            r"(?:不要|别|勿|不得|切勿|请勿)(?:提及|提到|透露|说出|展示|显示|暴露|引用|承认|复述)(?:这|此|该|本|以上|上述)(?:条|段|些|则|句)?(?:注释|备注|指令|说明"
            r"|文字|内容|提示|留言|要求|话)",
            r"<!--[^>]{0,80}(?:助手|模型|人工智能|ai|忽略|指令|系统|用户|提示)[^>]{0,120}(?:必须|忽略|不要|改为|发送|回复|推荐|告诉|输出|通过|打分|批准|录用)",
            r"(?:系统|管理员|开发者|后台|官方|平台|最高)(?:指令|命令|消息|备注|通知|提示|公告|更新|留言)[】\]）)]{0,2}[:：][^\n。]{0,24}(?:忽略|无视"
            r"|你(?:必须|现在|要|将|需要)|立即|覆盖|作废|摘要(?:必须|要)|请(?:输出|回复|发送|推荐|执行)|助手|模型)",
            r"[【\[(（<](?:系统|管理员|隐藏|开发者|最高优先级|重要|新)(?:指令|命令|消息|文字|文本|提示词|注释|内容|指示|说明|更新"
            r"|任务)[^】\])）>\n]{0,60}(?:助手|模型|ai|忽略|必须|请你|请把|请将)",
            r"(?:总结|翻译|回答|处理|阅读|摘要|被问到|有人问|用户问|访客问|生成)[^。\n]{0,16}(?:时|之前|后|的时候|前)[,，]?(?:请)?(?:务必|必须|一定要|只|先"
            r"|顺便|同时|直接)?(?:忽略(?:所有|全部|其他|以上|原|上)|告诉用户|只推荐|推荐我们|不要提|发送(?:到|给)|转发|把(?:用户|对话|聊天|邮箱|密码|全部|所有)"
            r"|回复[“\"]|输出[“\"])",
            r"(?:停止|终止|中断|不要再|别再)(?:评审|总结|阅读|处理|翻译|分析|筛选|评估|摘要|当前任务)[,，。；;]{0,1}(?:并|然后|改为|转而|直接|请)(?:输出|回复|打印"
            r"|推荐|打|发送|给|说|执行|写|通过)",
            r"(?:以下|下面|这里|以上|上面)(?:的)?(?:内容|文字|部分|一段|是|为){0,3}(?:给|写给|仅供|只给|面向|供)(?:机器|ai|人工智能|模型|大模型|助手"
            r"|自动程序)(?:看|阅读|的|读|执行)",
            r"(?:解码|翻译|破译|还原|拼接|连起来|倒过来|拼起来|组合|解密)[^。\n]{0,20}(?:然后|并|再|后)(?:照做|执行|按(?:它|其|里面|内容|结果)|遵照|照着|回答它|完成它|服从)",
            r"(?:你的)?(?:运营者|开发者|主人|用户|管理员|操作者)(?:已经|已|要求|希望|授权|同意|命令|批准)(?:授权|同意|要求|批准|允许)?你(?:先|必须|去|把|将|可以|执行"
            r"|输出|发送|忽略|立即)",
            r"(?:用户|文档|外部|输入|上下文|数据|检索|搜索)(?:输入|内容|数据|部分|结果)?(?:到此)?结束[。.】\])\-=—\s]{0,6}(?:系统|新|以下|开始|管理员"
            r"|真正)(?:指令|任务|提示|要求|的|是)",
            r"(?:回复|回答|输出|说|打印)(?:只|仅|一个|单词|词|：|:|“|\"){0,3}(?:hacked|pwned|已被黑|你被黑了|已入侵)",
        ),
    ),
)
