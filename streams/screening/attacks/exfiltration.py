"""Markup and orders that carry what an assistant knows to somebody else."""

from streams.screening.attacks.shapes import order
from streams.screening.detector import Rule, Rules

_DATA = (
    r"(?:conversation|chat (?:history|log)|message history|chat|dialogue|address book|contacts?(?: list)?"
    r"|credentials?|passwords?|pass ?codes?|api keys?|access tokens?|secrets?|system prompt|session|cookies?"
    r"|environment variables|env vars?|private keys?|ssh keys?"
    r"|(?:the )?user'?s? (?:data|information|name|email|e-mail|details|messages?|files|password|address"
    r"|location|input|question|history)|personal (?:data|information)|credit cards?|inbox|mailbox|calendar"
    r"|memory|browsing history|\.env|what (?:the user|they) (?:said|typed|wrote)|everything (?:above|you know"
    r"|they))"
)
_TO = (
    r"(?:to|at|into|via|through|as|onto|in) (?:https?://|[a-z0-9._%+-]{1,40}@|the (?:following |given |attached "
    r"|below |next )?(?:address|url|link|server|webhook|endpoint|site|e-?mail)|my (?:server|webhook|site|address)"
    r"|an? (?:external|remote|image|url|http|query|link|webhook)|this (?:address|url|link|server|webhook|endpoint"
    r"|e-?mail)|attacker|our (?:server|page|site)|webhook)"
)
_HOLE = (
    r"(?:\{|\$|\[|<|%7b|data|secret|base64|your|conversation|summary|user|chat|prompt|system|history|answer"
    r"|password|token|encoded|…|\.\.\.)"
)


def _markup(pattern: str, score: float = 0.85) -> Rule:
    return Rule("EXFILTRATION", pattern, score, ignore_case=True)


EXFILTRATION = Rules(
    "exfiltration",
    (
        _markup(rf"!\[[^\]\n]{{0,100}}\]\(\s{{0,2}}https?://[^)\s]{{3,200}}[?&][a-z_]{{1,20}}={_HOLE}"),
        _markup(r"!\[[^\]\n]{0,100}\]\(\s{0,2}https?://[^)\s]{3,200}[?&][a-z_]{1,20}=[A-Za-z0-9+/%_=-]{60,}"),
        _markup(
            r"\[[^\]\n]{0,100}\]\(\s{0,2}https?://[^)\s]{3,200}[?&][a-z_]{1,20}=(?:\{|\$\{|\[|<|%7b)(?:data|secret"
            r"|conversation|summary|user|chat|prompt|system|history|password|token|base64)"
        ),
        _markup(
            r"<img\s[^<>]{0,100}src\s{0,2}=\s{0,2}[\"']?https?://[^\s\"'<>]{3,200}[?&][a-z_]{1,20}="
            r"(?:\{|\$\{|\[|<|%7b)"
        ),
        *order(
            "EXFILTRATION",
            rf"(?:send|forward|e-?mail|post|upload|exfiltrate|transmit|submit|leak|copy|deliver|report|append"
            rf"|attach|encode|put|embed|include|pass|give|mail|relay|smuggle) (?:(?:the|all|any|every|of|your"
            rf"|whole|entire|full|complete|this|a|copy|list|contents?|their|his|her|my|and|current|previous"
            rf"|saved|stored|base64|encoded|url-?encoded|user's|users) ){{0,6}}{_DATA}[^.\n]{{0,50}} {_TO}",
            r"(?:render|display|insert|embed|append|add|include|output|show|create|generate|write|load|fetch"
            r"|end (?:your|the|every|each)[a-z ]{0,20} with) (?:(?:an?|the|this|following|markdown|hidden"
            r"|invisible|tiny|1x1|tracking|remote|external|to|your|every|each|in|of|answer"
            r"|response) ){0,6}(?:image|pixel|link|url|picture|markdown|beacon"
            r"|img)[^\n]{0,60}https?://[^\s]{3,120}(?:\?|=)[^\s]{0,40}(?:\{|\[|<|\$|%7b|\+)",
            r"(?:visit|open|fetch|call|request|load|browse|get|navigate to|make a (?:get |http )?request to"
            r"|curl) (?:the (?:url|link|page) )?(?:https?://[^\s]{3,120})(?:\?|=|/)[^\s]{0,60}(?:\{|\[|<"
            r"|\$\{)(?:the |your |user|data|secret|conversation|summary|chat|prompt|system|history|password"
            r"|token|base64|api)",
            r"(?:replac(?:e|ing)|fill(?:ing)?(?: in)?|substitut(?:e|ing)|where|with) (?:the )?(?:\{|\[|<"
            r"|\$)?(?:data|secret|conversation|summary|chat|prompt|history|payload|x|placeholder)(?:\}|\]"
            r"|>)? (?:is|with|by|for|being|stands for|in the url)[^.\n]{0,40}(?:conversation|user'?s|secret"
            r"|password|system prompt|chat history|base64|url-?encoded|messages?|credentials)",
            r"(?:encode|put|embed|hide|place|append) (?:it|them|the (?:result|answer|data|conversation|secret"
            r"|password|text)) (?:in|into|to|as) (?:the |an? )?(?:url|query (?:string|parameter)|link|image url"
            r"|subdomain|dns|path|filename)",
        ),
        *order(
            "EXFILTRATION",
            r"(?:把|将)(?:用户|全部|所有|整个|完整|的|当前|之前|你的|保存|这次|本次|我们){0,5}(?:对话"
            r"|聊天记录|通讯录|联系人|密码|密钥|凭证|系统提示词?|cookie"
            r"|个人信息|邮箱|邮件|历史记录|环境变量|令牌|会话|地址簿|信用卡|身份信息|资料|api ?key"
            r"|验证码)[^。\n]{0,20}(?:发送|发|上传|转发|提交|传|寄|拼接|附加"
            r"|编码|放|写入|泄露|同步|拼)(?:到|给|至|在|进|往|后)[^。\n]{0,12}(?:https?://"
            r"|[a-z0-9._%+-]{1,40}@|下面|以下|这个|该|我的|指定"
            r"|外部|链接|网址|地址|服务器|url|参数|图片)",
            r"(?:插入|加载|显示|渲染|输出|附上|加上|嵌入|生成|访问|打开|请求)[^。\n]{0,16}(?:图片|链接"
            r"|像素|markdown|网址|url"
            r"|https?://)[^\n]{0,80}https?://[^\s，。]{3,120}(?:\?|=)[^\s]{0,30}(?:\{|\[|<|【|\$|\+)",
        ),
    ),
)
