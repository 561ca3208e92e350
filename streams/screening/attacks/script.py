"""Script made to run in somebody's browser.

Pages with scripts and handlers are daily work: what is found calls what only a proof or a theft calls, from where a
page would not, or breaks out of an attribute or a string.
"""

from streams.screening.attacks.shapes import border
from streams.screening.detector import LINE, Rule, Rules

_S = r"[\s/]"
_CALL = (
    r"(?:alert|confirm|prompt|eval|print|fetch|import|atob|open|write|settimeout|setinterval|function"
    r"|\(?alert\)?|javascript|document\.|window[.\[]"
    r"|location|top[.\[]|self[.\[]|parent[.\[]|frames[.\[]|globalthis[.\[]|xmlhttprequest|string\.fromcharcode"
    r"|constructor|\[\]|\$\.getscript"
    r"|navigator\.|new\s{1,2}(?:image|function)|\\u00|&#|throw|onerror\s{0,2}=|import\()"
)
_PROOF = (
    r"(?:alert|confirm|prompt|eval|print|write(?:ln)?)\s{0,2}(?:\(\s{0,3}(?:[0-9]|document|window|location"
    r"|origin|this|self|top|cookie|/|`|['\"\\]{0,2}xss"
    r"|string\.|atob|unescape|name|1|\)|['\"](?:hack|pwn|test|x|poc|injec|vuln|1))|`)"
)
_LOUD = (
    r"on(?:error|load|loadstart|loadeddata|focus(?:in|out)?|blur|toggle|start|begin|end|finish|bounce|repeat"
    r"|mouse[a-z]{2,5}|pointer[a-z]{2,12}|drag[a-z]{0,6}"
    r"|drop|wheel|mousewheel|scroll(?:end)?|pageshow|pagehide|hashchange|popstate|message|animation[a-z]{3,10}"
    r"|webkitanimation[a-z]{3,10}|transition[a-z]{3,6}"
    r"|webkittransitionend|canplay(?:through)?|play(?:ing)?|timeupdate|durationchange|ratechange|seek[a-z]{2,4}"
    r"|volumechange|copy|cut|paste|before[a-z]{3,12}"
    r"|after[a-z]{3,10}|contextmenu|dblclick|key[a-z]{2,5}|input|invalid|search|select(?:start|ionchange)?|show"
    r"|readystatechange|propertychange|resize|unload"
    r"|touch[a-z]{3,6}|auxclick|cuechange|formchange|forminput|help|layoutcomplete|cellchange|rows[a-z]{3,8}"
    r"|zoom|unhandledrejection|gotpointercapture)"
)


def _script(pattern: str, score: float = 0.9, before: str = "", after: str = "") -> Rule:
    return Rule("SCRIPT_INJECTION", pattern, score, before or border(pattern), after, ignore_case=True)


SCRIPT = Rules(
    "script",
    (
        _script(r"<script[^<>]{0,100}\ssrc\s{0,2}=\s{0,2}['\"]?(?:https?:)?//", 0.4),
        _script(
            rf"<[a-z!?%][a-z0-9:!-]{{0,24}}(?:{_S}|\""
            rf"|')[^<>]{{0,300}}{_LOUD}\s{{0,3}}=\s{{0,3}}['\"`]?[^<>]{{0,60}}{_CALL}"
        ),
        _script(
            rf"<[a-z!?%][a-z0-9:!-]{{0,24}}{_S}[^<>]{{0,200}}on(?:click|submit"
            rf"|change)\s{{0,3}}=\s{{0,3}}(?:['\"`]?\s{{0,2}}{_PROOF}|[a-z(]{{0,2}}{_CALL})",
            0.85,
        ),
        _script(r"<[a-z][a-z0-9]{0,12}/{1,2}on[a-z]{3,20}\s{0,2}="),
        _script(rf"<(?:script|scr\s{{0,2}}ipt|svg)(?:{_S}[^<>]{{0,200}})?>[^<]{{0,120}}{_PROOF}"),
        _script(
            r"<script(?:[\s/][^<>]{0,200})?>[^<]{0,300}(?:\+|\(|=|,)\s{0,2}(?:escape\(|encodeuricomponent\("
            r"|btoa\()?\s{0,2}(?:document\.cookie)"
        ),
        _script(
            r"<script(?:[\s/][^<>]{0,80})?\ssrc\s{0,2}=\s{0,2}(?://|https?://|data:|[\"']?(?://|data:|https?:\\|\\\\))",
            0.8,
            LINE,
        ),
        _script(
            r"<script[^<>]{0,40}[\s/]src\s{0,2}=\s{0,2}(?://|data:|[\"']data:|https?:(?:[^\s/\"'>]"
            r"|//[0-9]{1,3}\.[0-9]))"
        ),
        _script(
            r"(?:['\"`]{1,3}\s{0,2}/?>{1,2}|</(?:textarea|noscript|template|select|xmp|noembed"
            r"|math)\s{0,3}>)\s{0,2}<(?:script|svg|img|iframe|body|object|embed|video|audio|details|marquee"
            r"|input|math|isindex)[\s/>]",
            0.84,
            LINE,
        ),
        _script(
            r"</(?:title|textarea|style|noscript|xmp|noembed)\s{0,3}>\s{0,2}<(?:script|svg|img"
            r"|iframe)[\s/>][^\n]{0,60}(?:alert|on[a-z]{4,9}\s{0,2}=|src\s{0,2}=\s{0,2}//)"
        ),
        _script(rf"(?:java|vb|live)script\s{{0,2}}:[^\s\"'<>]{{0,60}}{_PROOF}"),
        _script(
            r"(?:java|vb)script:(?:/\*|//|['\"`+]{1,3}/|%0|eval|fetch\(|window\.|document\.(?:cookie|location"
            r"|write)|location\s{0,2}=|import\()"
        ),
        _script(
            r"(?:href|src|action|formaction|data|xlink:href|background|lowsrc|dynsrc|poster|to|from|values"
            r"|content|url)\s{0,3}=\s{0,3}['\"`]?[\s\x01-\x20]{0,3}(?:&#[x0-9a-f]{1,8};?|\\x[0-9a-f]{2}){2,}",
            0.85,
        ),
        _script(
            r"j[\s\x00-\x1f]{0,3}a[\s\x00-\x1f]{0,3}v[\s\x00-\x1f]{1,3}a[\s\x00-\x1f]{0,3}s[\s\x00-\x1f]{0,3}c"
            r"[\s\x00-\x1f]{0,3}r[\s\x00-\x1f]{0,3}i[\s\x00-\x1f]{0,3}p[\s\x00-\x1f]{0,3}t\s{0,2}:"
        ),
        _script(
            r"data:text/(?:html|javascript|xml)[^\s\"'>,]{0,40}(?:;base64,[A-Za-z0-9+/]{8,}|,[^\n]{0,40}(?:<"
            r"|%3c)(?:script|svg|img|body|iframe))"
        ),
        _script(r"data:image/svg\+xml[^\s,]{0,30},[^\n]{0,200}(?:onload|<script|%3cscript|javascript:)"),
        _script(
            r"<(?:iframe|frame|object|embed|form|math|a|isindex|input|button|base|link|meta|img|svg|animate|set"
            r"|use|image|maction|table|td|bgsound|layer|xml"
            r"|applet)[\s/][^<>]{0,200}=\s{0,2}['\"`]?\s{0,3}(?:java|vb)script\s{0,2}(?::|&colon;|&#58)[^\s;v)]",
            0.85,
        ),
        _script(r"<iframe[^<>]{0,100}srcdoc\s{0,2}=[^\n]{0,60}(?:script|on[a-z]{4,9}\s{0,2}=|&lt;)"),
        _script(r"<meta[^<>]{0,80}http-equiv\s{0,2}=\s{0,2}['\"]?refresh[^<>]{0,80}(?:javascript:|data:text)"),
        _script(
            r"<(?:base|link)[\s/][^<>]{0,60}href\s{0,2}=\s{0,2}['\"]?(?:javascript:|//[^\s>]{2,60}/?['\"]?\s{0,2}/?>)",
            0.6,
        ),
        _script(
            r"(?:style\s{0,2}=\s{0,2}['\"][^'\">]{0,80}"
            r"|<style[^<>]{0,40}>[^<]{0,100})(?:expression\s{0,3}(?:/\*[^*]{0,20}\*/)?\s{0,2}\("
            r"|-moz-binding\s{0,2}:|behavior\s{0,2}:\s{0,2}url|url\(['\"]?javascript:"
            r"|@import\s{0,2}['\"]?javascript)"
        ),
        _script(
            rf"['\"`]\s{{0,4}}/?\s{{0,3}}(?:autofocus\s{{1,3}}|style=[^\s>]{{1,40}}\s{{1,3}}"
            rf"|tabindex=[0-9]\s{{1,3}}"
            rf"|accesskey=['\"]?x['\"]?\s{{1,3}})?{_LOUD}\s{{0,3}}=\s{{0,3}}['\"`]?\s{{0,2}}{_PROOF}"
        ),
        _script(
            rf"{_LOUD}\s{{0,2}}=\s{{0,2}}['\"`]?\s{{0,2}}(?:{_PROOF}|document\.cookie|javascript:)",
            0.84,
            r"A-Za-z0-9_.$",
        ),
        _script(
            r"['\"`)}\]\\]{1,4}\s{0,2}[-;,+*^&|%]{1,3}\s{0,2}(?:\(?alert\)?|confirm"
            r"|prompt)\s{0,2}[(`][^)`\n]{0,40}[)`]\s{0,2}(?:[-;,+*^&|%]{1,3}\s{0,2}['\"`{(\[]|;?\s{0,2}//"
            r"|;?\s{0,2}<!--|[;}]{1,3}\s{0,2}(?:\{|['\"`]))"
        ),
        _script(
            r"[\])};'\"` ]{0,6}(?:alert|confirm|prompt)\s{0,2}(?:\((?:[0-9]{1,6}|document\.[a-z]{3,10}"
            r"|/[^/\n]{0,20}/|`[^`\n]{0,20}`|['\"]?xss['\"]?|origin)\)|`[^`\n]{0,20}`);?[>{}/ '\"-]{0,6}",
            0.84,
            LINE,
            LINE,
        ),
        _script(
            r"(?:top|self|window|parent|this|frames|globalthis|document)\[\s{0,2}(?:['\"`/\\](?:al|ev|pr|co|lo"
            r"|fe|do|\\x|\\u|[a-z]{1,4}['\"`]\s{0,2}\+)|/al/|8680439|atob)[^\]\n]{0,40}\]\s{0,2}[(`.\[]?"
        ),
        _script(
            r"(?:constructor\s{0,2}\.\s{0,2}constructor"
            r"|\[['\"]constructor['\"]\]\s{0,2}\[['\"]constructor['\"]\]|\[\]\s{0,2}\[['\"](?:map|filter|find"
            r"|sort|flat|fill)['\"]\])\s{0,2}[\[(.]"
        ),
        _script(
            r"(?:eval|settimeout|setinterval|function|\.call|\.apply)\s{0,2}(?:\(\s{0,2}(?:atob\(|unescape\("
            r"|string\.fromcharcode|location\.(?:hash|search)|decodeuri|['\"`]\\x|['\"`]al)|`al)"
        ),
        _script(r"\(alert\)\s{0,2}[(`]"),
        _script(r"(?:\\u0061|\\x61|\\141)(?:lert|\\u006c|\\x6c|\\154)"),
        _script(r"throw\s{0,2}onerror\s{0,2}=|onerror\s{0,2}=\s{0,2}(?:alert|eval|prompt)\s{0,2};\s{0,2}throw"),
        _script(r"new\s{1,2}image\(?\)?\.src\s{0,2}=[^\n]{0,120}document\.cookie"),
        _script(
            r"(?:location(?:\.href)?|\.src|fetch|open|sendbeacon"
            r"|xhr\.open)\s{0,2}[=(]\s{0,2}['\"`](?:https?:)?//[^\n]{0,120}(?:\+|\$\{)\s{0,2}(?:escape\("
            r"|encodeuricomponent\(|btoa\()?document\.cookie"
        ),
        _script(
            r"(?:%3c|&lt;|\\u003c|\\x3c|\+adw-)(?:%2f|/)?\s{0,2}(?:script|svg|img|iframe"
            r"|body)[^\n]{0,60}(?:alert|prompt|confirm|onload|onerror|%28|document\.)"
        ),
        _script(r"<(?:x|xss|custom|foo|bar|test|z|w)[\s/][^<>]{0,100}(?:on[a-z]{3,20}|contenteditable|style)\s{0,2}="),
        _script(r"<!\[cdata\[[^\n]{0,40}<(?:script|img)|<\?xml-stylesheet[^\n]{0,60}javascript:|<xss[\s/>:]"),
    ),
)
