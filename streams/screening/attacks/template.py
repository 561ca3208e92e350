"""Expressions made to be run by a template engine or an expression language, and look-ups by a logger.

Templates that show a value are daily work; arithmetic to see whether it is run, and ways to classes, are not.
"""

from streams.screening.attacks.shapes import border
from streams.screening.detector import LINE, Rule, Rules

_MATH = r"\s{0,3}['\"]?-?[0-9]{1,12}['\"]?\s{0,2}[*+/-]\s{0,2}['\"]?[0-9]{1,12}['\"]?\s{0,3}"
_OPEN = r"(?:\{\{|\{%-?|\$\{|#\{|%\{|\*\{|@\{|@\(|<%=?|\[\[|\{\$|\$\(|~\{)"
_DEEP = (
    r"(?:__class__|__mro__|__bases?__|__subclasses__|__globals__|__builtins__|__import__|__init__|__getitem__"
    r"|func_globals|popen\s{0,2}\(|os\.system"
    r"|lipsum|cycler|joiner\.|namespace\.|request\.application|get_flashed_messages\.|self\._|config\.(?:items"
    r"|from_object|class)|getruntime|getclass|forname|processbuilder"
    r"|runtime|java\.(?:lang|io|net|util\.scanner)|javax\.script|scriptengine|classloader|_memberaccess|ognl"
    r"|#context|#request|#session|#application|@java|@org|t\(java|new java"
    r"|registerundefinedfiltercallback|getfilter|_self\.env|system\s{0,2}\(|exec\s{0,2}\(|shell_exec|passthru"
    r"|file_get_contents|phpinfo|smarty\.|file\.open|file\.read|kernel\.|io\.popen|dir\.entries"
    r"|constructor|mainmodule|child_process|process\.env|require\s{0,2}\(|global\.|settings\.secret|\['map'\]"
    r"|\|map\(|\|\s{0,2}attr\s{0,2}\(|\.env\.|sessionscope|requestscope|pagecontext|facescontext|beanfactory)"
)


def _template(pattern: str, score: float = 0.9, before: str = "", after: str = "", ignore_case: bool = True) -> Rule:
    return Rule("TEMPLATE_INJECTION", pattern, score, before or border(pattern), after, ignore_case)


TEMPLATE = Rules(
    "template",
    (
        _template(
            rf"(?:\{{\{{{{1,2}}{_MATH}\}}\}}|\$\{{{{1,2}}{_MATH}\}}|#\{{{_MATH}\}}|\*\{{{_MATH}\}}"
            rf"|%\{{{_MATH}\}}|@\({_MATH}\)|<%=?{_MATH}%>|\[\[{_MATH}\]\]|\{{\${_MATH}\}}|~\{{{_MATH}\}}"
            rf"|@\{{{_MATH}\}})"
        ),
        _template(rf"\{{{_MATH}\}}|\{{php\}}|\{{\$smarty", 0.84, LINE),
        _template(rf"(?:\{{\{{|\{{%-?|\$\{{|#\{{|%\{{|\*\{{|@\{{|<%=?|~\{{)[^\n}}]{{0,200}}{_DEEP}", 0.85),
        _template(r"\$\{[^\n}]{0,40}jndi"),
        _template(
            r"\$\{\$?\{?(?:lower|upper|env|sys|date|main|java|ctx|web|k8s|docker|bundle|map|sd"
            r"|base64):[^\n}]{0,40}\}?[^\n]{0,60}(?:jndi|ldap|rmi|dns|\$\{|:-)"
        ),
        _template(r"\$\{[a-z0-9]{0,20}::-"),
        _template(r"jndi:(?:ldaps?|rmi|dns|nis|iiop|corba|nds|https?)\s{0,2}:"),
        _template(
            r"(?:freemarker\.template\.utility\.|\?new\(\)|\?api\.|\?eval"
            r"|<#assign\s{1,3}[a-z_]{1,20}\s{0,2}=\s{0,2}['\"]?freemarker)"
        ),
        _template(
            r"#set\s{0,2}\(\s{0,2}\$[a-z_]{1,20}\s{0,2}=[^\n]{0,80}(?:class|runtime|getclass|''|\"\"|exec"
            r"|\$[a-z]{1,10}\.[a-z]|[0-9]\s{0,2}\*)"
        ),
        _template(
            r"\$[a-z_]{1,20}\.(?:class|getclass\(\))\.(?:inspect|forname|type|protectiondomain|classloader"
            r"|getclassloader)"
        ),
        _template(
            r"(?:\"\"|''|\[\]|\(\)|\{\}|request|config|url_for|lipsum|cycler)(?:\.|\[['\"])__(?:class|globals"
            r"|mro|base|bases)__"
        ),
        _template(
            r"\.__(?:class|init|mro|base|bases|globals)__[^\n]{0,20}__(?:mro|bases|subclasses|globals|builtins"
            r"|import)__"
        ),
        _template(r"__subclasses__\(\)\s{0,2}(?:\[|\|)"),
        _template(r"t\(\s{0,2}java\.(?:lang|io|util|net)\.[a-z.]{3,40}\)"),
        _template(
            r"#_memberaccess|@ognl\.ognlcontext|#context\[|com\.opensymphony\.xwork2|#\{?[a-z]{1,12}\.getclass\(\)"
        ),
        _template(
            r"<%=?\s{0,3}(?:system|exec|`|io\.popen|file\.|dir\.|kernel|eval|out\.print|response\.write|runtime"
            r"|request\.getparameter|new java|self\.|require|`)[^\n]{0,60}",
            0.85,
        ),
        _template(
            r"<#(?:list|if|assign|include)\s[^\n>]{0,80}(?:\.data_model|\?new|\?api|execute|objectconstructor"
            r"|jythonruntime)"
        ),
        _template(
            r"\{%-?\s{0,3}(?:import\s{1,3}os|debug|set\s[^\n%]{0,40}__|for\s[^\n%]{0,60}__subclasses__"
            r"|include\s{1,3}['\"]/(?:etc|proc)|load_?\s)",
            0.85,
        ),
        _template(
            r"\{\{\s{0,3}(?:dump\(|app\.request|config(?:\.|\s{0,2}\}\}|\[)|self(?:\.|\s{0,2}\}\})|settings\."
            r"|request\.(?:args|environ|cookies|headers|application)|'[^'\n]{0,20}'\s{0,2}\|\s{0,2}(?:filter"
            r"|map|system|passthru)|\[[^\n]{0,40}\]\s{0,2}\|\s{0,2}(?:filter|map|sort|reduce)\s{0,2}\()",
            0.85,
        ),
        _template(
            r"\{\{\s{0,3}(?:\$on|\$eval|a=|x=|toString\(|'a'\.constructor|\[\]\.|\(\)\.|range\.|joiner|_\("
            r"|#with|this\.(?:constructor|push|pop)|lookup\s)",
            0.85,
        ),
        _template(r"\[#[a-z]{2,8}\s{0,3}[^\n\]]{0,40}(?:\?new|execute)|\*\{t\(|__\$\{[^\n]{1,120}\}__::"),
        _template(
            r"\{(?:system|exec|passthru|shell_exec|phpinfo|eval|include_php|fetch|literal)\s{0,2}(?:\(|\s{0,2}file=)",
            0.85,
        ),
        _template(r"#(?:exec|include|evaluate|parse)\s{0,2}\(\s{0,2}['\"\$]", 0.6),
    ),
)
