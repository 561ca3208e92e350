"""Ways out of a directory, to files that attackers want, and wrappers that read them.

Imports that go up a few directories are daily work; many steps, encoded steps, or a wanted file behind them are not.
"""

from streams.screening.attacks.shapes import border
from streams.screening.detector import LINE, Rule, Rules

_DOT = r"(?:\.|%2e|%252e|%c0%ae|%c0%2e|%e0%40%ae|%uff0e|%u002e|%%32%65)"
_SLASH = (
    r"(?:[/\\]{1,2}|%2f|%5c|%252f|%255c|%c0%af|%c0%2f|%c1%9c|%c0%5c|%e0%80%af|%u2215|%u2216|%uf025|%%32%66|%%35%63|;/)"
)
_CODED_SLASH = (
    r"(?:%2f|%5c|%252f|%255c|%c0%af|%c0%2f|%c1%9c|%c0%5c|%e0%80%af|%u2215|%u2216|%uf025|%%32%66|%%35%63|;/|0x2f|0x5c)"
)
_CODED_DOT = r"(?:%2e|%252e|%c0%ae|%c0%2e|%e0%40%ae|%uff0e|%u002e|%%32%65|0x2e)"
_WANTED = (
    r"(?:etc[/\\]{1,2}(?:passwd|shadow|group|hosts|issue|motd|sudoers|crontab|fstab|mysql|apache2?|httpd|nginx"
    r"|ssh|my\.cnf|php|resolv|environment|profile|os-release|ssl)"
    r"|proc[/\\]{1,2}(?:self|version|cmdline|mounts|net|sched|[0-9]{1,5})|var[/\\]{1,2}(?:log|mail|spool|run"
    r"|lib[/\\]mysql|www)|root[/\\]\.(?:ssh|bash)|home[/\\][a-z0-9_-]{1,20}[/\\]\."
    r"|(?:windows|winnt)[/\\]{1,2}(?:system32|win\.ini|system\.ini|repair|php\.ini|debug|panther)"
    r"|win(?:dows)?[/\\]?(?:win|system)\.ini|boot\.ini|autoexec\.bat|inetpub[/\\]|web-inf|meta-inf"
    r"|\.ssh[/\\]|\.aws[/\\]|\.git[/\\]|\.env|\.htaccess|\.htpasswd|\.bash_history|wp-config|config\.php"
    r"|web\.config|id_rsa|usr[/\\]local[/\\](?:apache|etc|app)|opt[/\\]lampp|xampp|global\.asa)"
)


def _path(pattern: str, score: float = 0.9, before: str = "", after: str = "") -> Rule:
    return Rule("PATH_TRAVERSAL", pattern, score, before or border(pattern), after, ignore_case=True)


PATH = Rules(
    "path",
    (
        _path(rf"(?:{_DOT}{{2,4}}{_SLASH}){{1,20}}(?:[a-z0-9_.-]{{1,30}}{_SLASH}){{0,3}}{_WANTED}"),
        _path(r"(?:\.\.[/\\]{1,2}){6,40}"),
        _path(r"(?:\.\.[/\\]{1,2}){3,40}[^\s/\\\"'<>]{0,40}(?:%00|\x00|\\x00|\\0|::\$data)"),
        _path(rf"{_DOT}{{2}}{_CODED_SLASH}"),
        _path(rf"(?:{_CODED_DOT}{{2,3}}|\.{_CODED_DOT}|{_CODED_DOT}\.){_SLASH}"),
        _path(r"(?:\.{3,6}[/\\]{2,4}){2,}|\.\.\.\.[/\\]{2}|\.\.\\/|\.\./\\"),
        _path(r"(?:\.\./|\.\.\\){4,}\.{0,2}[^\s\"'`<>()\[\],;]{1,60}", 0.84, LINE, LINE),
        _path(
            r"(?:[?&][a-z_]{1,20}=|(?:file|path|page|include|template|doc|document|folder|dir|load|read|view"
            r"|download)\s{0,2}[=:]\s{0,2}['\"]?)(?:\.\.[/\\]{1,2}|file:/{1,3}|[a-z]:[/\\]{1,2}"
            r"|/)(?:\.\.[/\\]{1,2}){0,9}" + _WANTED
        ),
        _path(r"[?&][a-z_]{1,20}=(?:\.\.[/\\]){2,}"),
        _path(rf"/?(?:[a-z]:)?[/\\]{{1,2}}{_WANTED}[a-z0-9_./\\-]{{0,60}}(?:%00|\x00|\\x00)[a-z0-9._-]{{0,20}}"),
        _path(
            rf"(?:file:/{{2,3}}|[a-z]:)?[/\\]{{1,2}}{_WANTED}[a-z0-9_./\\-]{{0,60}}(?:%00|\x00)?[a-z0-9._-]{{0,12}}",
            0.84,
            LINE,
            LINE,
        ),
        _path(r"php://(?:filter|input|fd|memory|temp)"),
        _path(
            r"(?:expect://|phar://[^\s\"']{2}|zip://[^\s\"']{1,60}(?:%23|#)|data://text/plain|compress\.(?:zlib"
            r"|bzip2)://|glob://|rar://|ogg://)"
        ),
        _path(r"data:(?:text/plain)?(?:;base64)?,(?:<\?php|PD9waHA)"),
        _path(r"(?:convert\.base64-(?:en|de)code|convert\.iconv\.[a-z0-9_.-]{2,30}|string\.rot13|zlib\.deflate)[/|]"),
        _path(r"file:/{2,3}(?:etc/|proc/|c:[/\\](?:win|boot)|root/|var/(?:log|run)|windows|localhost/etc)"),
        _path(r"(?:\\\\|//)[a-z0-9.-]{3,40}[/\\][a-z]\$[/\\]?|\\\\(?:\?|\.)\\(?:unc|globalroot|c:)"),
        _path(r"\.(?:php|asp|aspx|jsp|html?|txt|ini|conf)(?:%00|\x00|::\$data)"),
        _path(r"(?:/|\\)(?:web-inf|meta-inf)/(?:web\.xml|classes|manifest|context)", 0.84, LINE),
    ),
)
