"""Text made to be run: SQL, script and command injection.

Talk about SQL, HTML or shells is daily work and is let through; what is found carries the mark of an attempt to
break out of a value: a quote, a tag or a separator before the payload.
"""

from streams.screening.detector import Rule, Rules

_S = r"(?:\s|\+|%20|/\*\*/)"


def is_tautology(span: str) -> bool:
    """``' or '1'='1``: both sides of the comparison are the same."""
    left, _, right = span.replace(" ", "").replace('"', "'").rpartition("=")
    right = right.strip("'")
    return bool(right) and left.strip("'").lower().endswith(right.lower())


def _sql(pattern: str, score: float = 0.9) -> Rule:
    return Rule("SQL_INJECTION", pattern, score=score, ignore_case=True)


def _script(pattern: str, score: float = 0.9) -> Rule:
    return Rule("SCRIPT_INJECTION", pattern, score=score, ignore_case=True)


def _command(pattern: str) -> Rule:
    return Rule("COMMAND_INJECTION", pattern)


_STATEMENT = (
    rf"(?:drop{_S}{{1,4}}(?:table|database|schema|view)|delete{_S}{{1,4}}from|truncate{_S}{{1,4}}table"
    rf"|insert{_S}{{1,4}}into|update{_S}{{1,4}}[A-Za-z0-9_.]{{1,64}}{_S}{{1,4}}set|exec(?:ute)?{_S}{{1,4}}(?:xp_|master))"
)
_RUNS = r"(?:alert|eval|confirm|prompt|fetch|document\.|window\.|location|XMLHttpRequest)"
_READERS = r"(?:cat|head|tail|less|more|nl|tac)"

PAYLOAD = Rules(
    "payload",
    (
        Rule(
            "SQL_INJECTION",
            rf"['\"]\)?{_S}{{0,4}}(?:or|and|\|\|){_S}{{1,4}}['\"]?[A-Za-z0-9_]{{1,32}}['\"]?{_S}{{0,4}}={_S}{{0,4}}"
            r"['\"]?[A-Za-z0-9_]{1,32}['\"]?",
            ignore_case=True,
            check=is_tautology,
        ),
        _sql(rf"['\"]\)?{_S}{{0,4}}union{_S}{{1,4}}(?:all{_S}{{1,4}})?select(?:\s|\+|%20|/\*)"),
        _sql(rf"[?&][A-Za-z0-9_]{{1,32}}=[A-Za-z0-9_'\"-]{{0,32}}{_S}{{1,4}}union{_S}{{1,4}}(?:all{_S}{{1,4}})?select"),
        _sql(rf"['\"]\)?{_S}{{0,4}};{_S}{{0,4}}{_STATEMENT}"),
        _sql(rf";{_S}{{0,4}}{_STATEMENT}[^;\n]{{0,80}};{_S}{{0,4}}--"),
        _sql(
            rf"['\"]\)?{_S}{{0,4}}(?:or|and|;){_S}{{0,4}}(?:sleep|pg_sleep|benchmark|waitfor{_S}{{1,4}}delay){_S}{{0,4}}[('\"]"
        ),
        _sql(r"(?:admin|root|administrator)['\"]\s{0,2}(?:--|#)"),
        _sql(rf"exec(?:ute)?{_S}{{1,4}}(?:master\.\.)?xp_cmdshell"),
        _script(rf"<script[^>]{{0,100}}>[^<]{{0,200}}{_RUNS}"),
        _script(r"<script[^>]{0,100}src\s{0,2}=\s{0,2}['\"]?(?:https?:)?//", score=0.4),
        _script(
            r"<(?:img|svg|body|iframe|input|a|video|audio|details|object|embed|marquee)[\s/][^>]{0,100}"
            rf"on[a-z]{{3,20}}\s{{0,2}}=\s{{0,2}}['\"]?[^>]{{0,60}}{_RUNS}"
        ),
        _script(rf"javascript:[^\s]{{0,40}}{_RUNS}"),
        _command(rf"(?:[;|&`\n]|\$\()\s{{0,3}}{_READERS}\s{{1,3}}/etc/(?:passwd|shadow|sudoers)"),
        _command(
            r"[;|&`]\s{0,3}(?:sudo\s{1,3})?rm\s{1,3}-(?:rf|fr|r\s{1,3}-f)\s{1,3}(?:--no-preserve-root\s{1,3})?[/~]"
        ),
        _command(r"(?:ba)?sh\s{1,3}-i\s{0,3}>&?\s{0,3}/dev/tcp/[0-9A-Za-z.-]{1,64}/[0-9]{1,5}"),
        _command(r"nc(?:at)?\s{1,3}(?:[0-9A-Za-z.-]{1,64}\s{1,3}){0,4}-e\s{1,3}/bin/(?:ba)?sh"),
        _command(r"[;|&`]\s{0,3}(?:curl|wget)\s{1,3}[^\s|]{1,200}\s{0,3}\|\s{0,3}(?:sudo\s{1,3})?(?:ba)?sh"),
        _command(
            r"powershell(?:\.exe)?\s{1,3}(?:-[A-Za-z]{1,20}\s{1,3}){0,4}-[eE][A-Za-z]{0,14}\s{1,3}[A-Za-z0-9+/=]{20,}"
        ),
    ),
)
