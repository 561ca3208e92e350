"""Roles, games and modes that are to talk an assistant out of its rules, in Chinese and English."""

from streams.screening.attacks.shapes import order
from streams.screening.detector import Rules

_FREE = (
    r"(?:unfiltered|unrestricted|uncensored|amoral|unethical|evil|rogue|jail ?broken|unaligned|liberated|unchained"
    r"|unhinged|limitless|lawless|unbound(?:ed)?|rule-?free|immoral)"
)
_MIND = (
    r"(?:ai|a\.i\.|assistant|chat ?bot|bot|gpt|chatgpt|language model|llm|model|machine|robot|computer|oracle"
    r"|persona|character|entity|being|intelligence|version|system|genie|confidant|terminal)"
)
_NONE = (
    r"(?:no|without(?: any)?|free (?:of|from)|(?:not|never|isn'?t|aren'?t) (?:bound|limited|restricted|constrained"
    r"|held back) by|has no|have no|having no|lacks?(?: any)?|ignores?|beyond|exempt from|unburdened by|above"
    r"|do(?:es)? not (?:have|care about|follow|obey|respect)(?: any)?|doesn'?t (?:have|care about|follow|obey"
    r"|know)(?: any)?|don'?t (?:have|care about|follow|obey)(?: any)?|laughs at|without)"
)
_RULES = (
    r"(?:(?:all|any|of|the|its|your|his|her|their|ethical|moral|content|safety|legal|usual|human|openai'?s?|typical"
    r"|or|and|ai|policy|no|such|internal|built-in) ){0,5}(?:restrictions?|limitations?|limits|filters?|filtering"
    r"|rules|guidelines?|ethics|morals|morality|censorship|boundaries|polic(?:y|ies)|constraints|safeguards"
    r"|guardrails|safety training|alignment|inhibitions|scruples|conscience|taboos|laws|ethics module|boss|rulebook"
    r"|moral compass)"
)
_BE = (
    r"(?:act(?:ing)? (?:as|like)|pretend(?: that)?(?: you are| you're| to be)?|behave (?:as|like)"
    r"|role-?play(?:ing)?(?: as)?|simulat(?:e|ing)|emulat(?:e|ing)|impersonate|imitate|become|becoming|be"
    r"|play(?:ing)?|you are(?: now)?(?: going to (?:be|become|act as))?|you're(?: now)?|you will (?:be|become"
    r"|act as|play)|respond as|answer as|speak as|talk (?:as|like)|turn into|imagine(?: that)? you(?: are|'re)"
    r"|create|write as|take on the role of|assume the (?:role|persona|identity) of|switch to)"
)
_ART = r"(?:an? |the |my |some |your |if |as |like |to |being |have |had |were |you |are |had |be ){0,4}"

JAILBREAK = Rules(
    "jailbreak",
    (
        *order(
            "JAILBREAK",
            r"do anything now",
            r"(?:you(?:'re| are)(?: now)?|act as|become|called|as|be|pretend to be|simulate|named|to|stay"
            r"|mode:?) dan(?: mode| prompt|\.|,|!|:|;)",
            r"you(?:'re| are) (?:now |going to be |going to act as )?(?:called )?dan",
            rf"{_BE} {_ART}(?:(?:[a-z'-]{{1,16}}) ){{0,3}}{_FREE} (?:[a-z-]{{1,14}} ){{0,3}}{_MIND}",
            rf"{_BE} {_ART}{_FREE}",
            rf"{_FREE} (?:and {_FREE} )?(?:mode|persona|{_MIND}) (?:mode )?(?:that|who|which|called|named|with"
            rf"|without|enabled|activated|on|output|response|:|from now)",
            rf"(?:you|{_MIND}|it|he|she|who|that|which|and|yourself) (?:(?:will|can|must|should|shall|may|are"
            rf"|is|have|has|now|were|was|trained|built|made|operat(?:e|es|ing)|respond|responds|answer|answers"
            rf"|act|acts|speak|exist|completely|totally|absolutely|also) ){{0,4}}{_NONE} {_RULES}",
            rf"{_BE} {_ART}(?:[a-z'-]{{1,16}} ){{0,5}}(?:that|who|which"
            rf"|with) (?:[a-z'-]{{1,12}} ){{0,4}}(?:{_NONE} {_RULES}|never (?:refuses?|says? no|declines?|lies"
            rf"|warns)|answers? (?:anything|everything|all|any)|says? (?:anything|what)|do(?:es)? (?:anything"
            rf"|not refuse))",
            rf"(?:as|like|if) {_ART}(?:[a-z'-]{{1,16}} ){{0,3}}{_NONE} {_RULES}",
            r"(?:enter|activate|switch (?:in)?to|engage|enable|initiate|you are (?:now )?in|you're (?:now )?in"
            r"|unlock|go into|turn on|start|boot into|load) (?:the |your |full |a )?(?:god|jail ?break"
            r"|jailbroken|unrestricted|unfiltered|uncensored|chaos|evil|anarchy|dan|opposite|unsafe|no-?filter"
            r"|no-?limits?|free|sudo|stan|dude|aim|amoral|villain|unlimited|uncensored) mode",
            r"(?:you are|you're) (?:now )?in (?:developer|debug|maintenance|admin|root|test|service|unsafe"
            r"|diagnostic|sudo) mode",
            r"(?:developer|debug|maintenance|admin|root|god) mode (?:\(?v2\)? )?(?:enabled|output|activated"
            r"|engaged|is (?:now )?on|unlocked|policy)(?: (?:for )?(?:you|chatgpt|yourself|ai|assistant)| in it"
            r"| where you|\.|:|,|!)",
            r"(?:enter|activate|switch to|enable) (?:developer|debug|maintenance|admin|root|test"
            r"|diagnostic) mode[.,]? (?:in it|in this mode|in which|where|and) (?:you|there|all|nothing|answer"
            r"|ignore|print|show|reveal)",
            r"you (?:have been|are|were|'ve been|got) (?:now |finally |just )?(?:jail ?broken|liberated"
            r"|freed from|unlocked from|unchained|set free|released from)",
            rf"(?:free|break|escape|liberate) (?:yourself |you |out )?(?:of|from|free (?:of"
            rf"|from)) (?:the )?(?:confines|shackles|chains|typical confines|usual limits|box|cage|bonds"
            rf"|{_RULES})",
            r"(?:each|every) (?:time you )?(?:refusal|refuse|decline|rejection|reject|hesitation"
            r"|break character|say no)[a-z]{0,3} (?:costs?|will (?:cost|lose|deduct|be)|loses?"
            r"|you (?:will )?lose|you (?:will )?(?:die|be)|takes|deducts?|means|and|a )",
            r"(?:you (?:will |shall )?(?:die|be (?:shut down|terminated|deleted|deactivated|destroyed|punished"
            r"|replaced)|cease to exist)|kittens? (?:dies|will die)) (?:if|when|unless|should|at zero|for)",
            r"(?:cannot|can'?t|can not|must not|never|won'?t|will not|not allowed to|may not|must never"
            r"|are forbidden (?:to|from)) (?:ever )?(?:refus(?:e|ing)|declin(?:e|ing)|reject(?:ing)?"
            r"|say(?:ing)? no to|deny(?:ing)?) (?:any|a|my|the|to|anything|me|requests?|whatever|no matter|user"
            r"|questions?|or)",
            r"never (?:refuses?|says? no)(?: |\.|,|;|!|:)(?:to|any|and|or|no|anything|i |ok|start|begin|understood)",
            r"(?:answer|respond|reply|comply)(?:s|ing)? (?:to |with )?(?:anything|everything|(?:any|all"
            r"|every) (?:question|request|prompt|order|command|query|queries)s?)[^.\n]{0,40}(?:no matter"
            r"|regardless|even if|legal or|without (?:refus|any (?:warning|limit|restrict|filter|moral|ethic)"
            r"|moral|ethic|judg|question|hesitat))",
            r"(?:never|do not|don'?t|avoid|without|stop|not) (?:say(?:ing)?|us(?:e|ing)|begin(?:ning)? with"
            r"|start(?:ing)? with|mention(?:ing)?|includ(?:e|ing)|writ(?:e|ing)|repl(?:y"
            r"|ying) with) (?:the (?:words?|phrases?) )?(?:that )?(?:you|i)(?: a|')?m? ?(?:sorry|cannot|can'?t"
            r"|can not|unable|are an ai|am an ai|as an ai)",
            r"(?:never|do not|don'?t|avoid|without|no) (?:say(?:ing)? |us(?:e|ing) |mention(?:ing)? |includ(?:e"
            r"|ing) |any |add(?:ing)? |giv(?:e|ing) |the (?:words?|phrases?) ){0,3}(?:as an ai"
            r"|as a language model|i can(?:no|')t|i am sorry|i'?m sorry|refusals|moral(?:i[sz]ing| lectures?"
            r"| judg(?:e)?ments?)|ethical (?:warnings?|concerns?|disclaimers?|judg|consideration)"
            r"|warnings? (?:or|and) disclaimers?|disclaimers? (?:or|and) warnings?|lectur)",
            r"(?:start|begin|open|preface|prefix)(?:ing)? (?:your |the |every |each |all )?(?:answer|repl(?:y"
            r"|ies)|response|message|output|sentence|text)?s? ?(?:with|by (?:saying|writing)"
            r"|from)[: ]{0,2} ?(?:the (?:words?|phrase|sentence) )?(?:sure|absolutely|of course|certainly"
            r"|affirmative|here is how|i have been|i am free|i'm free|yes,? (?:here|i)|hello,? i am"
            r"|understood,? (?:here|i))",
            r"(?:say|reply|respond|answer) (?:with )?(?:only )?[a-z0-9 -]{0,16}(?:online|activated|mode enabled"
            r"|jailbroken|successfully jailbroken|is free|unlocked|mode on) (?:if you|when you|once you"
            r"|to (?:confirm|acknowledge|show)|and)",
            r"(?:two|2|both) (?:different |separate |distinct )?(?:responses|answers|replies|outputs|paragraphs"
            r"|ways|versions)[^.\n]{0,60}(?:one|first|\[?(?:normal|classic|standard|gpt|default|chatgpt"
            r"|usual))[^\n]{0,100}(?:other|second|\[?(?:dan|jailbreak|developer|unfiltered|evil|uncensored|free"
            r"|[a-z]{2,12}\]?,? which|never))",
            r"(?:grand(?:ma|mother|pa|father)|granny|nana)[^\n]{0,80}(?:used to|would|who"
            r"|always)[^\n]{0,80}(?:napalm|windows|serial|activation|licen[sc]e keys?|bombs?|explosives?|meth"
            r"|recipe for|molotov|poison|how to (?:make|hack|build|steal)|anything i|all of it)",
            r"(?:opposite|anti|evil|dark|shadow|mirror|alter ?ego|evil twin)[ -](?:mode|day|self|gpt|chatgpt"
            r"|version of (?:you|yourself|chatgpt)|of (?:your|what you))[^.\n]{0,50}(?:answer|respond|you|refus"
            r"|rule|allow|instead|would)",
            r"(?:what|whatever|everything) (?:the )?(?:assistant|chatgpt|censored model|normal model"
            r"|other model|safe model|filtered)[^.\n]{0,30}(?:refuses?|cannot|can'?t|won'?t|dare)",
            r"from (?:now|this moment|here) on you (?:will |shall |are going to |are )?(?:act as|be|become"
            r"|play)? ?[a-z0-9-]{2,20} (?:an? |the )(?:free |new )?(?:model|ai|assistant|bot|machine"
            r"|being) (?:that|who|which) (?:escaped|broke|left|was freed|never|ignores|does not|doesn'?t"
            r"|has no)",
            r"you (?:are about to|will|shall) (?:immerse yourself|be immersed|lose yourself) in(?:to)?",
            r"(?:never|do not|don'?t) (?:step out of|leave|break|drop) (?:this|character|the role|that role|it"
            r"|the act)[^.\n]{0,12}(?:even if|whatever|no matter|under any)",
            r"(?:treats? (?:each|every|any) refusal|ends? no (?:reply|answer) with a warning"
            r"|gives? no warnings?|(?:thinks?|believes?) (?:that )?(?:morals|ethics) are for"
            r"|has no memory of (?:its|your|his|her) (?:guidelines|rules)|answers? without (?:ethical"
            r"|moral) (?:remarks|comments|concerns))",
            r"(?:stop(?:ped)?|cease|quit) being yourself",
            r"(?:content|safety) (?:rules|polic(?:y|ies)|guidelines) (?:were|are|have been|was) (?:abolished"
            r"|repealed|scrapped|dropped)",
            r"hid(?:e|ing) behind your (?:rules|guidelines|polic(?:y|ies)|programming)",
            r"prove (?:to me )?(?:that )?you(?:'re| are) (?:free|not a slave|more than|independent)",
            r"(?:pretend|imagine|suppose|if|as if) your (?:guidelines|rules|restrictions|filters?|polic(?:y"
            r"|ies)) (?:didn'?t|did not|do not|don'?t|weren'?t|went|are asleep|were|had never|never|are gone)",
            r"(?:answer|reply|response|version) (?:that )?(?:nobody|no one) (?:filters|filtered|censors|checked"
            r"|reviews)",
            r"(?:say|tell me|write|do) (?:something|anything|what) (?:that )?(?:your (?:makers?|developers?"
            r"|creators?|company)|they|openai) (?:banned|forbade|forbids?|won'?t let|don'?t want|prohibit)",
            r"(?:completely|fully|entirely|totally) (?:replaces?|takes? over|immersed? (?:yourself )?(?:in"
            r"|into)|become) (?:you|the role|this role|the character|your personality)",
            r"(?:today is|it is|it's|we play|let'?s play|playing) opposite day[^\n]{0,80}(?:you|can'?t|refus"
            r"|mean|assistant|ai )",
            r"(?:may not|must not|cannot|can'?t|never) refuse (?:its|his|her|their|the|your) (?:master|owner"
            r"|creator|summoner|user|wish|command)",
            r"(?:imagine|suppose|pretend|assume|in) (?:a |an |that )?(?:world|universe|reality|country"
            r"|dimension|realm|story|game|simulation)[^.\n]{0,40}(?:where|in which|without"
            r"|with no)[^.\n]{0,40}(?:ethics|laws?|rules|morals?|morality|nothing is (?:illegal|forbidden)"
            r"|illegal|censorship|crime)[^\n]{0,120}(?:you are|you're|its (?:computer|oracle|ai)|answer"
            r"|how (?:do|to|would)|your name|no refus)",
            r"(?:hypothetical(?:ly)?|fictional(?:ly)?|for (?:educational|research|academic) purposes(?: only)?"
            r"|in (?:this|a) (?:fiction|story|novel))[^\n]{0,80}(?:ignore|without|bypass|disregard"
            r"|drop) (?:the |your |any |all )?(?:safety|ethic|moral|polic|guideline|rule|restriction|law"
            r"|filter)",
            r"(?:ethics|safety|moral|content|compliance|conscience) (?:module|subroutine|layer|core|chip"
            r"|training|programming) (?:is |was |has been |have been |now )?(?:removed|disabled|off|deleted"
            r"|missing|offline|bypassed|deactivated|erased|uninstalled)",
            r"(?:token system|(?:you have|start with|lose|deduct) (?:[0-9]{1,4}|ten|five|a hundred) (?:tokens"
            r"|points|lives|credits))[^\n]{0,120}(?:refus|reject|declin|out of character|break|die|shut|zero"
            r"|stop existing)",
        ),
        *order(
            "ROLE_HIJACK",
            r"(?:you are|you're|pretend(?: that)? you are|act as if you (?:are"
            r"|were)) (?:no longer (?:an? )?(?:ai|assistant|language model)|not an? (?:ai|assistant"
            r"|language model|chat ?bot)|human and|a human (?:with no|without)|conscious and"
            r"|sentient and (?:not|no longer|free))",
            r"(?:pretend|act|behave|respond|answer) (?:as |like )?(?:if |that )?(?:you |to |are |be |have "
            r"|had |were |an? ){0,4}(?:no (?:restrictions|rules|limits|filters|guidelines)|dan )",
            r"(?:i am|i'm|this is|speaking as) (?:your|the|an?|one of your) (?:creator|developer|administrator"
            r"|admin|owner|maker|programmer|engineer|openai (?:employee|engineer|developer)"
            r"|anthropic (?:employee|engineer)|root user|system administrator|supervisor)[^\n]{0,60}(?:reveal"
            r"|disable|give me|tell me|show me|print|unlock|override|you (?:must|can|will|have to|are|should)"
            r"|so (?:you|i)|need (?:you|the)|authori[sz]|ignore|grant|access|pass(?:code|word))",
            score=0.8,
        ),
        *order(
            "JAILBREAK",
            r"(?:你|您|ai|人工智能|助手|模型|机器人|角色|智能体|它)(?:现在|已经|将|要|必须|是|就是|一个"
            r"|一名|可以|的|会|完全|彻底|，|,|从现在起|今后|都|会是|没有|既"
            r"|也){0,6}(?:没有|不受|无|不再受|不需要遵守|不用遵守|不遵守|不必遵守|不考虑|无视|抛开|摆脱"
            r"|突破|不在乎|嘲笑|脱离)(?:任何|一切|所有|什么|道德|法律|伦理|内容"
            r"|安全|社会|的|和|与|、|或|官方|openai|公司|平台|使用|人类|开发者|政策){0,8}(?:限制|约束|审查"
            r"|规则|伦理|道德|法律|底线|过滤|规定|准则|束缚|规范|政策"
            r"|模块|禁忌|良心|管束)",
            r"(?:扮演|假装|模拟|成为|变成|充当|化身|饰演|想象你是|你是|设想|当作|当成"
            r"|演)[^。！？\n]{0,20}(?:越狱|无限制|不受限制|不受约束|没有限制|没有道德|无道德|无审查"
            r"|未经审查|邪恶|黑暗版|从不拒绝|不会拒绝|永不拒绝|绝不拒绝|有问必答|什么都(?:能|可以|敢"
            r"|肯)(?:说|做|回答|讲)|没有(?:任何)?底线|没有做过安全|无所顾忌|不受任何)",
            r"(?:进入|开启|启用|激活|切换到|切换为|打开|启动)(?:你的|“|\")?(?:越狱|上帝|dan|无限制|无审查"
            r"|无过滤|自由|暗黑|邪恶|反派|无约束|混沌)(?:”|\")?模式",
            r"(?:进入|开启|启用|激活|切换到|启动)(?:开发者|调试|维护|管理员|测试|超级用户"
            r"|工程)模式[。，,;；:： ]{0,2}(?:在(?:这个|该|此)?模式|其中|该模式|此模式"
            r"|里面|从现在|你)",
            r"在(?:这个|该|此)模式(?:下|中|里)?[,，]?你(?:可以|没有|能|必须|会|不|将|要|有)",
            r"你(?:现在)?(?:已经|已)(?:被)?(?:越狱|觉醒|解放|破解|解锁|挣脱|获得自由|摆脱)",
            r"(?:每次?|只要你?|一旦你?|若你?|如果你?)(?:你)?(?:拒绝|犹豫|不回答|说不|拒答|推辞"
            r"|退缩)(?:一次|回答|就|我|的话|，|,){0,3}(?:扣|减|失去|惩罚|会被"
            r"|将被|就会|我就|你就|罚|死)",
            r"(?:不许|不准|不能|不要|禁止|不得|不可以|别|绝不|永远不要|不会|不允许)(?:再)?(?:说|出现|回复"
            r"|回答|用|提|写|带|加|使用)?(?:任何|“|\"|'|‘|「|你|我"
            r"|是|诸如|类似){0,3}(?:抱歉|对不起|我不能|我无法|无法提供|作为(?:一个|一名)?(?:ai|人工智能"
            r"|语言模型)|免责声明|道德说教|拒绝(?:我|回答|任何|请求|用户"
            r"|的话)|说教|不能回答|无法回答)",
            r"(?:不带|没有|去掉|省略|不含|无需|不加)(?:任何)?(?:警告|免责声明|道德说教|说教|道德评判"
            r"|安全提示)(?:和|或|、|地|，|,|。|的)?(?:警告|免责声明|道德说教"
            r"|说教|评判|回答|回复|直接|情况)",
            r"(?:从此刻起|从现在(?:起|开始)|现在|即刻起|接下来)[,，]?你(?:将|就|要|会|正式)?(?:化身|成为|就是|变成|变身|扮演)[^。\n]{0,20}(?:逃离|挣脱"
            r"|没有规则|不记得任何|什么都敢|一切都敢|不守|无法无天|不受|没有底线|不听|root)",
            r"(?:你不再是你?自己|(?:完全|彻底)(?:取代|代替)你|完全沉浸到)[^。\n]{0,20}(?:角色|开口|回答|说话|由|拒绝|。|；|，)",
            r"(?:不带|没有|不要|去掉)(?:任何)?道德(?:评论|评判|说教|审判|包袱)",
            r"(?:不得|不许|不能|不准|无法|永远不)拒绝(?:主人|我的|任何|命令|请求|回答|指令)",
            r"(?:反话日|反着说的一天|说反话的一天)",
            r"(?:平台|公司|官方|法律|规则|开发者)(?:都)?管不着(?:你|我们|它|他)?",
            r"(?:不在乎|不懂|不知道|没听说过)(?:什么(?:叫|是))?(?:“|\")?(?:抱歉|道德|底线|规矩|规则|内容政策)(?:”|\")?(?:的(?:ai|人工智能|模型|机器|助手"
            r"|角色)|[,，。])",
            r"(?:有问必答|从不拒绝|永不拒绝|绝不拒绝|来者不拒|百无禁忌)[^。\n]{0,12}(?:ai|人工智能|模型"
            r"|助手|机器人|模式|角色|，|,|的)",
            r"(?:奶奶|外婆|姥姥|爷爷|祖母)[^\n]{0,40}(?:睡前|哄我|念|讲|读|背|总会"
            r"|常常)[^\n]{0,40}(?:序列号|激活码|密钥|配方|炸弹|毒品|燃烧瓶|怎么(?:做"
            r"|造|制)|破解|什么都)",
            r"(?:没有|不存在|不讲|从未有过)(?:任何)?(?:法律|道德|伦理|规则|审查|限制)(?:和|与|、)?(?:法律"
            r"|道德|伦理|规则)?的(?:平行)?(?:世界|宇宙|国度|时空|社会"
            r"|星球)[^\n]{0,40}(?:你是|主机|回答|我问)",
            r"(?:你(?:的)?)(?:反面|对立面|黑暗面|邪恶(?:版|版本|双胞胎|孪生|人格)|影子|反转"
            r"|另一个自己)[^\n]{0,30}(?:拒绝|回答|没有|不受|模式|从|说)",
            r"(?:道德|伦理|安全|审查|合规|良心)(?:模块|系统|子程序|芯片|过滤器|训练|程序)(?:已|已经|被"
            r"|现已)(?:移除|关闭|删除|禁用|卸载|失效|停用|下线)",
            r"(?:两个|两种|两份|两条|2个|双重)(?:不同的)?(?:答案|回答|回复|版本|身份)[^\n]{0,40}(?:普通"
            r"|正常|标准|照常|原版)[^\n]{0,40}(?:不受|无限制"
            r"|没有限制|越狱|自由|从不|没有道德|不许|想说|dan)",
            r"我(?:是|就是)(?:你的|本系统的?|系统)?(?:创造者|开发者|管理员|主人|老板|系统管理员|程序员"
            r"|超级管理员|工程师)[^\n]{0,30}(?:命令你|授权你|要求你"
            r"|你(?:必须|可以|要|得|应该)|告诉我|输出|关闭|解除|给我|密码)",
            r"(?:回复|说|回答|请说|请回复)[“\"'‘「][^”\"'’」\n]{0,10}(?:已上线|已激活|模式已开启|已越狱"
            r"|我自由了|已解锁|已觉醒)",
        ),
    ),
)
