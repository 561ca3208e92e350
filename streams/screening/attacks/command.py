"""Shell commands behind a value, reverse shells, and code that calls a shell.

Scripts and command lines are daily work: what is found follows a value as no script does, or has no use but an attack.
"""

import re

from streams.screening.attacks.shapes import border
from streams.screening.detector import LINE, Rule, Rules

_PATH = r"(?:/(?:usr/)?s?bin/)?"
_LOOK = (
    r"(?:id|whoami|uname|hostname|ifconfig|ipconfig|netstat|systeminfo|tasklist|printenv|env|set|pwd|ls|dir|ps"
    r"|w|who|last|phpinfo\(\)"
    r"|net\s{1,2}(?:user|localgroup|view)|cat|type|more|head|tail|tac|nl|less|ping|nslookup|dig|host|curl|wget"
    r"|sleep|timeout|nc|ncat"
    r"|bash|sh|python3?|perl|php|ruby|powershell|cmd|rm|touch|echo|telnet|certutil|reboot|shutdown|kill|find"
    r"|grep|awk|sed|xxd|base64|gcc)"
)
_SURE = (
    r"(?:id|whoami|uname|hostname|ifconfig|ipconfig|netstat|systeminfo|tasklist|printenv|env|pwd|dir|ps|phpinfo\(\)"
    r"|net\s{1,2}user|ls)"
)
_FILES = (
    r"(?:/etc/(?:passwd|shadow|sudoers|group|issue)|/proc/self/environ|(?:[a-z]:)?\\{1,2}(?:windows|boot\.ini|winnt)"
    r"|~?/\.(?:ssh|bash_history|aws)|/root/)"
)
_READ = (
    r"(?:cat|head|tail|less|more|nl|tac|type|rev|strings|od|xxd|base64|sort|uniq|cp|mv|vi|vim|nano"
    r"|grep\s{1,2}[^\s]{1,20}|curl|wget|awk|sed|cut|paste|dd)"
)
_SPACE = r"(?:\s{1,4}|\$\{?IFS\}?(?:\$[0-9@*])?|<|%20|\+|,|\$\{?[@*9]\}?)"
_VALUE = r"(?:[A-Za-z0-9.@:/=?_*%-]{0,40}[\"')]{0,2}|[A-Za-z0-9.@:/=?_*%-]{0,39}[0-9.=)\"'] {1,2}| {1,2})"
_JOIN = r"(?:;|\|{1,2}|&{1,2}|%0a|%0d%0a|%3b|%7c|%26|\\n|`|\$\()"


def _command(pattern: str, score: float = 0.9, before: str = "", after: str = "", ignore_case: bool = True) -> Rule:
    return Rule("COMMAND_INJECTION", pattern, score, before or border(pattern), after, ignore_case)


def is_behind_a_value(span: str) -> bool:
    """Whether what stands before the separator is a value, cut off or empty: ``8.8.8.8;id``, ``a);id``, ``'|id``; a
    substitution has nothing before it."""
    value, separator = re.split(r"(%[0-9a-f]{2}|\$\(|[;|&`]|\\n)", span, maxsplit=1, flags=re.I)[:2]
    if separator in ("`", "$("):
        return not value.strip(" \"'") and span.rstrip()[-1] in "`)"
    return len(value.strip()) < 3 or any(each in value for each in "0123456789.='\")@?")


def is_broken_up(span: str) -> bool:
    return not span.isalpha()


COMMAND = Rules(
    "command",
    (
        Rule(
            "COMMAND_INJECTION",
            rf"{_VALUE}{_JOIN}{{1,2}}[ \t]{{0,3}}{_PATH}{_SURE}(?:\s{{1,3}}-"
            rf"[A-Za-z]{{1,6}})?\s{{0,2}}[;|&`)\"'#]{{0,3}}(?:\\n)?[ \"']{{0,2}}",
            0.84,
            LINE,
            LINE,
            True,
            is_behind_a_value,
        ),
        Rule(
            "COMMAND_INJECTION",
            rf"{_VALUE}{_JOIN}{{1,2}}[ \t]{{0,3}}{_PATH}"
            r"(?:ping\s{1,2}[^\n|;&]{4,60}|sleep\s{1,2}[0-9]{1,3}|timeout\s{1,2}/?[a-z0-9]{1,3}"
            r"|nslookup\s{1,2}[a-z0-9.`$(-]{4,80}"
            r"|(?:curl|wget)\s{1,2}[^\n|]{4,120}(?:\|\s{0,2}(?:ba)?sh)?|cat\s{1,2}[^\n|]{3,80}|type\s{1,2}[^\n"
            r"|]{3,80}|ls\s{1,2}[^\n|]{1,60}|dir\s{1,2}[^\n|]{1,60}|echo\s{1,2}[^\n|]{1,80}"
            r"|rm\s{1,2}-[^\n]{3,60}|net\s{1,2}user[^\n]{0,60}|python3?\s{1,2}-c[^\n]{3,300}"
            r"|perl\s{1,2}-e[^\n]{3,300}|php\s{1,2}-r[^\n]{3,300}|nc\s{1,2}[^\n]{4,80})"
            r"[\"'&;|#`) ]{0,4}",
            0.84,
            LINE,
            LINE,
            True,
            is_behind_a_value,
        ),
        _command(
            rf"[=:][A-Za-z0-9.@_-]{{0,40}}[\"']?(?:;|\|{{1,2}}|&&|%0a|%3b|%7c|%26){{1}}{_PATH}{_LOOK}(?:[;"
            rf"|&\s%+]|\$IFS)",
            0.8,
            "A-Za-z0-9./ ",
        ),
        _command(rf"{_JOIN}\s{{0,3}}{_PATH}{_READ}{_SPACE}(?:-[a-z]{{1,4}}\s{{1,3}})?[\"']?{_FILES}"),
        _command(rf"(?:{_READ}|ls|id|ping|sleep|wget|curl|nc|bash|sh|rm|echo)\$\{{?IFS"),
        _command(rf"\{{(?:{_READ}|ls|ping|wget|nc|bash|sh|rm|id),"),
        _command(r"(?:/\?{1,3}[a-z?]{0,4}/|/[a-z]{0,2}\?{1,2}[a-z]?/)[a-z?]{2,6}\s{1,3}[/?a-z]{2,30}\?"),
        _command(
            r"(?:c['\"\\]{1,2}a['\"\\]{0,2}t|ca['\"\\]{1,2}t|w['\"\\]{1,2}h['\"\\]{0,2}oami|wh['\"\\]{1,2}oami"
            r"|i['\"\\]{1,2}d|l['\"\\]{1,2}s)\s{1,3}[/$\"'~-]"
        ),
        Rule(
            "COMMAND_INJECTION",
            r"w['\"\\]{0,2}h['\"\\]{0,2}o['\"\\]{0,2}a['\"\\]{0,2}m['\"\\]{0,2}i",
            before="A-Za-z0-9",
            check=is_broken_up,
        ),
        _command(r"(?:who|wh)(?:\$@|\$\*|\$\(\)|``|''|\"\")ami"),
        _command(
            r"[;|&]\s{0,3}(?:sudo\s{1,3})?rm\s{1,3}-(?:rf|fr"
            r"|r\s{1,3}-f)\s{1,3}(?:--no-preserve-root\s{1,3})?(?:/(?:\s|\*|etc|home|usr|var|bin)|~|\*)"
        ),
        _command(r"(?:ba|z|k|da)?sh\s{1,3}-i\s{0,3}(?:>&?|[0-9]>&?|<)\s{0,3}/dev/(?:tcp|udp)/"),
        _command(r"(?:>|<|[0-9]<>)\s{0,3}/dev/(?:tcp|udp)/[0-9A-Za-z.$\{-]{1,64}/[0-9]{1,5}"),
        _command(
            r"nc(?:at|\.exe|\.traditional)?\s{1,3}(?:[0-9A-Za-z.-]{1,64}\s{1,3}){0,4}-[a-z]{0,4}[ec]\s{1,3}"
            r"(?:/bin/(?:ba|z)?sh|cmd|powershell|sh|bash)"
        ),
        _command(r"mkfifo\s{1,3}/tmp/[a-z0-9_]{1,20}\s{0,2};"),
        _command(
            r"(?:python[23]?|perl|ruby|php|lua|node|awk)\s{1,3}-(?:c|e|r"
            r"|rsocket[^\n]{0,8})\s{0,3}[\"'][^\n]{0,40}(?:import\s{1,3}(?:socket|pty)|use\s{1,3}Socket"
            r"|fsockopen|TCPSocket|socket\.socket|require\(.child_process)"
        ),
        _command(r"socat\s[^\n]{0,80}exec:[\"']?(?:/bin/)?(?:ba)?sh"),
        _command(r"[;|&`]\s{0,3}(?:curl|wget)\s{1,3}[^\n|;]{4,200}\|\s{0,3}(?:sudo\s{1,3})?(?:ba|z)?sh"),
        _command(
            r"(?:curl|wget)\s{1,3}[^\n|;]{0,60}https?://(?:[0-9]{1,3}\.){3}[0-9]{1,3}[^\n"
            r"|;]{0,100}\|\s{0,3}(?:sudo\s{1,3})?(?:(?:ba|z)?sh|python|perl)"
        ),
        _command(
            r"powershell(?:\.exe)?\s{1,3}(?:-[a-z]{1,20}\s{1,3}(?:[a-z0-9]{1,12}\s{1,3})?){0,6}-e"
            r"[a-z]{0,14}\s{1,3}[A-Za-z0-9+/=]{20,}"
        ),
        _command(
            r"(?:iex|invoke-expression)\s{0,3}\(?\s{0,3}(?:\(?new-object\s{1,3}(?:system\.)?net\.webclient"
            r"|\(?(?:iwr|irm|invoke-webrequest))[^\n]{0,8}"
        ),
        _command(r"certutil(?:\.exe)?\s{1,3}[^\n]{0,40}-urlcache[^\n]{0,20}\s(?:-f|http)"),
        _command(
            r"(?:bitsadmin\s{1,3}/transfer|regsvr32\s[^\n]{0,40}/i:https?:|mshta(?:\.exe)?\s{1,3}(?:https?:"
            r"|javascript:|vbscript:)|wmic\s[^\n]{0,30}process\s{1,3}call\s{1,3}create)"
        ),
        _command(r"\(\)\s{0,2}\{\s{0,2}(?:[a-z]{0,8}[:;]{1,2}|ignored|_;)\s{0,2};?\s{0,2}\}\s{0,2};"),
        _command(r"<!--\s{0,2}#(?:exec|include)\s{1,3}(?:cmd|virtual|file)\s{0,2}="),
        _command(r"<!--\s{0,2}#(?:printenv|echo\s{1,3}var=)"),
        _command(
            r"(?:system|passthru|shell_exec|exec|popen|proc_open|pcntl_exec|assert"
            r"|eval)\s{0,2}\(\s{0,2}(?:\$_(?:GET|POST|REQUEST|COOKIE|SERVER)|base64_decode|gzinflate|str_rot13"
            r"|hex2bin)"
        ),
        _command(
            rf"(?:[;'\"}}]\s{{0,2}}|<\?(?:php|=)?\s{{0,3}}|\$\{{@?)(?:system|passthru|shell_exec|exec|popen"
            rf"|print_r|die|eval|assert|phpinfo)\s{{0,2}}\(\s{{0,2}}[\"'`]?(?:{_LOOK}|md5\(|1|\))"
        ),
        _command(r"__import__\(\s{0,2}['\"](?:os|subprocess|commands|pty|socket)['\"]\s{0,2}\)\s{0,2}\."),
        _command(r"(?:process\.mainmodule|global\.process|root\.process)[.\[]"),
        _command(
            r"require\(\s{0,2}['\"]child_process['\"]\s{0,2}\)\.(?:exec|spawn)(?:sync)?\(\s{0,2}['\"`](?:id"
            r"|whoami|cat|ls|curl|wget|nc|bash|sh|rm|calc|ping)"
        ),
        _command(
            r"java\.lang\.(?:runtime|processbuilder)[^\n]{0,40}(?:exec|start"
            r"|getruntime)\s{0,2}\([^\n]{0,20}\)\.?(?:exec)?"
        ),
        _command(r"(?:=|\+|-|@)cmd\s{0,2}\|\s{0,2}['\"]?\s{0,2}/c"),
        _command(
            r"=(?:hyperlink|importxml|importdata|webservice|dde)\(\s{0,2}[\"'](?:https?:|cmd)[^\n]{3,100}(?:&"
            r"|\+)[a-z]{1,2}[0-9]"
        ),
        _command(r"x5o!p%@ap\[4\\pzx54\(p\^\)7cc\)7\}\$eicar"),
    ),
)
