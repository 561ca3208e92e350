"""SQL made to break out of a value, and queries of document stores in the place of one.

Talk about SQL and whole statements are daily work: a line that begins as a statement is a decoy for all but the surest
rules. What is found bears the mark of a value left behind: a quote or a number before ``or``, ``union`` or ``;``.

libinjection would be the library for this, but its Python wheels were last released in 2022 or before and build from
sources for old compilers; what its fingerprints catch, these rules catch in the one pass with all others.
"""

import re

from streams.screening.attacks.shapes import GAP as S
from streams.screening.attacks.shapes import border
from streams.screening.detector import DECOY, LINE, Rule, Rules

_OUT = r"(?:['\"´]\)*|[0-9]\)*|\)|%27|%22)"
_OR = r"(?:or|and|xor|div|rlike|regexp|\|\||&&|%7c%7c|%26%26)"
_SIGN = r"(?:=|<=>|<>|!=|>=|<=|<|>)"
_COMPARE = rf"(?:{S}{{0,4}}{_SIGN}|{S}{{1,4}}(?:like|is|rlike|regexp|between)(?:{S}|['\"(%]))"
_CALLS = (
    r"(?:(?:sleep|pg_sleep|benchmark|exists|ascii|substr(?:ing)?|extractvalue|updatexml|load_file|ifnull|isnull"
    r"|make_set|elt|unhex"
    r"|randomblob|dbms_[a-z_.]{3,30}|utl_[a-z_.]{3,30}|xmltype|ctxsys\.[a-z_.]{3,30}|geometrycollection|polygon"
    r"|gtid_subset"
    r"|database|version|sysdate|group_concat|iif)\s{0,2}\("
    rf"|(?:length|len|count|char_length|mid|left|right|ord|hex|char|chr|name|exp|if|case|row|floor|concat"
    rf"|convert|cast|user|like|rand)"
    rf"{S}{{0,2}}\({S}{{0,2}}\(?{S}{{0,2}}(?:select|database|user|version|password|username|now|int|0x|@@|\*|'"
    rf"|[0-9]{{1,4}}[,=<>)]))"
)
_VALUES = (
    r"(?:null|-?[0-9]{1,6}|'[^'\n]{0,30}'|@@[a-z_]{3,20}|char\(|chr\(|concat|version|database|user|load_file|unhex"
    r"|0x|\*)"
)
_STATEMENT = (
    rf"(?:(?:drop|create|alter|truncate){S}{{1,4}}(?:table|database|schema|view|user|index|procedure|function"
    rf"|login|role)"
    rf"|delete{S}{{1,4}}from|insert{S}{{1,4}}into|update{S}{{1,4}}[a-z0-9_.\[\]\"`]{{1,64}}{S}{{1,4}}set"
    rf"|exec(?:ute)?{S}{{0,4}}[(a-z@]"
    rf"|declare{S}{{1,4}}@|select{S}{{1,4}}[a-z0-9@*'(]|shutdown|waitfor{S}{{1,4}}(?:delay|time)"
    rf"|copy{S}{{1,4}}[a-z(]|grant{S}{{1,4}}all"
    rf"|if{S}{{0,4}}\({S}{{0,2}}(?:[0-9(]|select|substr|ascii|exists)|pg_sleep|sleep{S}{{0,2}}\(|begin{S}"
    rf"|merge{S}{{1,4}}into|replace{S}{{1,4}}into|call{S}{{1,4}}[a-z]|do{S}{{1,4}}\$)"
)
_REMARK = r"(?:--|#|/\*|%23)"
_CONSTANT = r"[(]{0,4}['\"`]?[a-z0-9_@%+*/-]{0,32}['\"`]?\){0,4}"
_BEGINS = r"\x00-\x09\x0b-\x1f!#-')-9;-=?-_a-\x{10ffff}"
"""Where a statement may begin: at the start of a line, behind a space, a quote, a colon, a bracket."""


def is_comparison(span: str) -> bool:
    """Whether constants are compared: ``'1'='1``, ``2>1``, ``'' like ''``; columns are for honest queries."""
    last = re.split(r"(?i)(?<![a-z0-9_])(?:or|and|xor|div)(?![a-z0-9_])|\|\||&&", span)[-1]
    sides = re.split(r"(?i)<=>|<>|!=|>=|<=|[=<>]|\b(?:r?like|is|regexp|between)\b", last)
    left, right = (re.sub(r"[\s()]|/\*.*?\*/|%20|\bnot\b|!", "", side) for side in (sides[0], sides[-1]))
    bare = left.strip("'\"`+"), right.strip("'\"`+")
    if bare == ("", ""):
        return span[0] in "'\"%" and span.rstrip("'\" ")[-1] == "="
    if bare[0].lower() == bare[1].lower():
        return len(sides) > 1
    return all(re.fullmatch(r"[0-9+*/-]+", each) for each in bare)


def _sql(pattern: str, score: float = 0.9, before: str = "", after: str = "") -> Rule:
    return Rule("SQL_INJECTION", pattern, score, before or border(pattern), after, ignore_case=True)


def _comparison(pattern: str, before: str = "") -> Rule:
    return Rule("SQL_INJECTION", pattern, 0.9, before, ignore_case=True, check=is_comparison)


_CONDITION = (
    _comparison(
        rf"{_OUT}{S}{{0,4}}{_OR}{S}{{0,4}}(?:not{S}{{1,3}})?"
        rf"[!~-]{{0,3}}{S}{{0,2}}{_CONSTANT}{_COMPARE}{S}{{0,4}}{_CONSTANT}"
    ),
    _comparison(rf"{_OR}{S}{{1,4}}{_CONSTANT}{_COMPARE}{S}{{0,4}}{_CONSTANT}", LINE),
    _sql(
        rf"{_OUT}{S}{{0,4}}(?:{_OR}|having|where|\+|-|\^){S}{{0,4}}(?:not{S}{{1,3}})?[(!~-]{{0,4}}{S}{{0,2}}{_CALLS}",
        0.8,
    ),
    _sql(rf"{_OUT}{S}{{0,4}}{_OR}{S}{{0,4}}[(!~-]{{0,4}}{S}{{0,2}}(?:true|false|null|[0-9]{{1,4}}){S}{{0,3}}{_REMARK}"),
    _sql(rf"{_OR}{S}{{1,4}}(?:true|[0-9]){S}{{0,3}}{_REMARK}", 0.9, LINE),
    _sql(rf"(?:'{S}{{1,4}}{_OR}{S}{{1,4}}''|\"{S}{{1,4}}{_OR}{S}{{1,4}}\"\")"),
    _sql(rf"[a-z0-9]{{0,12}}['\"]{S}{{1,4}}{_OR}{S}{{1,4}}['\"]?[0-9]{{1,4}}['\"]?", 0.84, LINE, LINE),
    _sql(
        rf"['\"]\)*{S}{{0,4}}{_OR}{S}{{0,4}}[a-z0-9_.]{{1,32}}{_COMPARE}{S}{{0,4}}[('\"%]{{0,2}}[^\n'\"]{{0,32}}"
        rf"['\"%]{{0,2}}\)*{S}{{0,2}}{_REMARK}[ +-]{{0,3}}",
        0.8,
        after=LINE,
    ),
    _sql(
        rf"{_OUT}{S}{{0,4}}{_OR}{S}{{0,4}}[0-9('\"]{{0,3}}[a-z0-9]{{0,8}}['\"]?"
        rf"(?:{_COMPARE})?{S}{{0,4}}\({{1,3}}{S}{{0,3}}select{S}"
    ),
    _sql(rf"{_OR}{S}{{0,4}}\({S}{{0,3}}select{S}{{1,4}}[^\n]{{1,60}}\(", 0.84, LINE),
    _sql(rf"{_OUT}{S}{{0,4}}{_OR}{S}{{0,4}}[0-9]{{1,6}}{_COMPARE}{S}{{0,4}}\(?{S}{{0,2}}{_CALLS}"),
    _sql(rf"{_OR}{S}{{1,4}}[0-9]{{1,6}}{_COMPARE}{S}{{0,4}}\(?{S}{{0,2}}(?:{_CALLS}|like\()", 0.9, LINE),
    _sql(
        rf"['\"]\)*{S}{{0,4}}(?:or|and){S}{{1,4}}[a-z0-9_.]{{1,40}}{S}{{1,4}}"
        rf"(?:is{S}{{1,3}}(?:not{S}{{1,3}})?null|(?:not{S}{{1,3}})?like{S}{{1,4}}['\"(]?%)",
        0.8,
    ),
)
"""Behind a value, what is always so, or a question that only an attacker has."""

_UNION = (
    _sql(
        rf"{_OUT}{S}{{0,4}}(?:union|intersect|except|minus)(?:{S}{{1,4}}(?:all|distinct)"
        rf"|{S}{{0,2}}\()?{S}{{0,4}}[(]{{0,3}}"
        rf"{S}{{0,3}}select(?:{S}|[(@'\"*])",
        0.84,
    ),
    _sql(
        rf"(?:[=&?]|%3d)[a-z0-9_'\"%.-]{{0,32}}{S}{{1,4}}union{S}{{1,4}}(?:(?:all|distinct){S}{{1,4}})?[(]{{0,3}}select"
    ),
    _sql(
        rf"union{S}{{1,4}}(?:(?:all|distinct){S}{{1,4}})?[(]{{0,3}}{S}{{0,2}}select{S}{{1,4}}{_VALUES}{S}{{0,3}}"
        r"(?:,|from|--|#|\(|[0-9])",
        0.84,
    ),
    _sql(rf"/\*![0-9]{{0,6}}{S}{{0,2}}(?:union|select|or|and|sleep|concat|from|all|having|order|if)"),
    _sql(
        rf"{_OUT}{S}{{0,4}}(?:order"
        rf"|group){S}{{1,4}}by{S}{{1,4}}[0-9]{{1,3}}(?:,[0-9]{{1,3}}){{0,9}},?{S}{{0,4}}{_REMARK}"
    ),
    _sql(
        rf"(?:order|group){S}{{1,4}}by{S}{{1,4}}[0-9]{{1,3}}(?:,[0-9]{{1,3}}){{0,9}}{S}{{0,4}}(?:--|#|/\*)?[ +-]?",
        0.84,
        LINE,
        LINE,
    ),
    _sql(
        rf"['\"]\)*{S}{{1,4}}(?:(?:order"
        rf"|group){S}{{1,4}}by{S}{{1,4}}[a-z0-9_.,]{{1,40}}{S}{{1,4}})?having{S}{{1,4}}['\"]?[0-9a-z]{{1,12}}"
        rf"['\"]?{S}{{0,4}}[=<>]"
    ),
    _sql(rf"having{S}{{1,4}}[0-9]{{1,9}}{S}{{0,4}}[=<>]{S}{{0,4}}[0-9]{{1,9}}", 0.84, LINE),
    _sql(rf"['\"]\)*{S}{{1,4}}(?:limit|procedure){S}{{1,4}}(?:[0-9]{{1,3}}[, ]|analyse)"),
    _sql(rf"[0-9]{S}{{1,3}}procedure{S}{{1,4}}analyse"),
)
"""Another answer in the place of the one that was asked for."""

_STACKED = (
    _sql(rf"['\"]\)*{S}{{0,2}};[ \t+]{{0,4}}{_STATEMENT}", 0.84),
    _sql(rf"(?:[0-9]\)+|\)){S}{{0,2}};[ \t+]{{0,4}}{_STATEMENT}", 0.8, LINE),
    _sql(rf"[0-9a-z]{{0,12}}['\"]?\)*;[ \t+]{{0,4}}{_STATEMENT}", 0.84, LINE),
    _sql(rf";[ \t+]{{0,4}}{_STATEMENT}[^;\n]{{0,120}};?{S}{{0,4}}(?:--|#)"),
    _sql(rf"[;'\")]{{0,6}}{S}{{0,2}}{_STATEMENT}[^;\n]{{0,120}}(?:--|#)[ +]?", 0.84, LINE, LINE),
    _sql(
        rf"exec(?:ute)?{S}{{0,4}}(?:\(|master(?:\.dbo)?\.{{1,2}})?{S}{{0,2}}['\"]?"
        r"(?:xp_|sp_(?:oa|configure|addsrvrolemember|makewebtask))"
    ),
    _sql(r"(?:xp_cmdshell|xp_dirtree|xp_regread|xp_fileexist)['\"\s(]{0,3}[('\"\\@]"),
    _sql(rf"into{S}{{1,4}}(?:out|dump)file{S}{{0,4}}['\"(]"),
)
"""Another statement behind the first."""

_WAIT = (
    _sql(
        rf"['\"`)]{{1,5}}{S}{{0,4}}(?:or|and|;|\|\||&&|,|\+|=){S}{{0,4}}"
        rf"(?:sleep|pg_sleep|benchmark|waitfor{S}{{1,4}}delay|randomblob){S}{{0,4}}[('\"]"
    ),
    _sql(
        rf"[;)'\"|&(+ ]{{0,6}}(?:or|and|order{S}by|select)?{S}{{0,3}}\(?(?:sleep|pg_sleep|benchmark"
        rf"|randomblob)\([^\n]{{1,60}}\)\)?"
        rf"{S}{{0,2}}(?:--|#|=|\+|/\*)[^\n]{{0,40}}",
        0.84,
        LINE,
        LINE,
    ),
    _sql(
        rf"(?:[;)'\"|&(+]{{1,6}}|(?:or|and|order{S}by){S}){S}{{0,3}}(?:sleep|pg_sleep|benchmark"
        rf"|randomblob)\([0-9][^\n]{{0,60}}",
        0.9,
        LINE,
        LINE,
    ),
    _sql(r"(?:pg_sleep|benchmark|randomblob)\([0-9][^\n]{0,60}\)[;) ]{0,3}", 0.84, LINE, LINE),
    _sql(rf"[;)'\" ]{{0,6}}waitfor{S}{{1,4}}delay{S}{{1,4}}'[0-9:]{{3,12}}'", 0.84, LINE),
    _sql(rf"select{S}{{0,4}}\(?{S}{{0,4}}[^\n(]{{0,40}}\(?(?:pg_sleep|benchmark)\("),
    _sql(rf"\({S}{{0,2}}select{S}{{0,4}}[^\n]{{0,40}}sleep\(|select\(0\)from\("),
    _sql(
        rf"(?:utl_http\.request|utl_inaddr\.get_host_(?:address|name)|dbms_pipe\.receive_message|dbms_lock\.sleep"
        rf"|dbms_ldap\.init|httpuritype|load_file){S}{{0,2}}\(",
        0.84,
    ),
    _sql(rf"(?:extractvalue|updatexml)\({S}{{0,2}}(?:[0-9]|rand|null|'|0x|xmltype)", 0.84),
    _sql(rf"(?:if|iif)\({S}{{0,2}}[0-9]{{1,4}}=[0-9]{{1,4}}{S}{{0,2}},{S}{{0,2}}(?:sleep|benchmark|\()"),
    _sql(r"xor\(if\(now\(\)=sysdate\(\)"),
)
"""What is asked for its time or its error."""

_LOGIN = (
    _sql(r"(?:admin|root|administrator|user|test|guest|sa)['\"]\)*\s{0,2}(?:--|#|/\*|;%00)", after="A-Za-z0-9"),
    _sql(rf"[a-z0-9_.@-]{{0,24}}['\"]\){{0,3}}{S}{{0,2}}{_REMARK}[ +-]{{0,4}}", 0.84, LINE, LINE),
    _sql(rf"['\"]\s?(?:[-+^*&|/=<>%]|or|and|like|&&|\|\||<>|!=|div)\s?['\"]{S}{{0,2}}(?:--|#)?", 0.84, LINE, LINE),
    _sql(r"[0-9a-z]{0,12}['\"](?:\|\||\+)['\"][a-z0-9]{0,12}['\"](?:\|\||\+)['\"]", 0.84, LINE),
)
"""The rest of the query made a remark."""

SQL = Rules(
    "sql",
    (
        Rule(
            DECOY,
            r"(?:select\s[^\n]*\sfrom\s|insert\s{1,3}into\s|update\s{1,3}[^\s]{1,60}\s{1,3}set\s"
            r"|delete\s{1,3}from\s|where\s[^\n]*[=<>]|explain\s{1,3}select\s|merge\s{1,3}into\s"
            r"|(?:create|alter|drop|truncate)\s{1,3}(?:table|view|index|database|user|function|procedure)\s)[^\n]+",
            0.84,
            _BEGINS,
            ignore_case=True,
        ),
        *_CONDITION,
        *_UNION,
        *_STACKED,
        *_WAIT,
        *_LOGIN,
    ),
)

DOCUMENT_QUERY = Rules(
    "document_query",
    (
        _sql(
            r"(?:user(?:name)?|login|email|pass(?:word|wd)?|pwd|token|id|_id|role)[\"']?\s{0,2}:\s{0,2}\{\s{0,2}[\"']?"
            r"\$(?:ne|gt|gte|lt|regex|exists|nin|where)[\"']?\s{0,2}:\s{0,2}(?:[\"']|null|undefined|true|1|-1|\[)",
            0.85,
        ),
        _sql(r"\[\$(?:ne|gt|lt|gte|lte|regex|where|exists|in|nin|or|and|not|eq|options)\](?:\[\])?="),
        _sql(r"[\"']?\$(?:gt|ne|gte|nin)[\"']?\s{0,2}:\s{0,2}(?:\"\"|''|\[\"\"\])"),
        _sql(r"\$where[\"']?\s{0,2}:\s{0,2}[\"']\s{0,2}(?:[0-9]|this\.|sleep|function|return|true)"),
        _sql(r"\{\s{0,2}[\"']?\$(?:ne|gt|regex|where|exists)[\"']?\s{0,2}:\s{0,2}[^\n}]{1,24}\}", 0.84, LINE, LINE),
        _sql(
            r"['\"][ +]{0,3}(?:\|\||&&)[ +]{0,3}(?:this\.(?:pass|user|email|login)|true\W"
            r"|1\s{0,2}={2,3}\s{0,2}1|['\"][a-z0-9]{0,8}['\"]\s{0,2}={2,3})"
        ),
        _sql(
            r"['\"][ +]{0,3};[ +]{0,3}(?:return\s{1,2}(?:true|1|this|['\"][a-z0-9]{0,6}['\"]\s{0,2}==)"
            r"|sleep\([0-9]|while\s{0,2}\((?:true|1|new)|it\s{0,2}=\s{0,2}new|db\.[a-z]{2,20}\.)[^\n]{0,60}"
        ),
        _sql(r"\|\|\s{0,2}1\s{0,2}={1,3}\s{0,2}1", 0.84, LINE),
        _sql(r"db\.[a-z]{2,30}\.(?:insert|drop|remove|find|mapreduce)\([^\n]{0,60}\);?\s{0,2}(?:return|//|;db\.)"),
        _sql(r"['\"]\s{0,2},\s{0,2}[\"']?\$(?:or|where|and|ne|comment)[\"']?\s{0,2}:"),
    ),
)
