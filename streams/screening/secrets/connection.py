"""Connection strings with a password in them: URLs of databases and services, key-value strings, command lines."""

import re

from streams.screening.detector import Rule, Rules
from streams.screening.secrets.shape import is_made_by_chance, is_stand_in

_SCHEMES = (
    r"(?:postgres(?:ql)?|mysqlx?|mariadb|mongodb(?:\+srv)?|rediss?|valkeys?|amqps?|mssql|sqlserver|oracle|clickhouse(?:s|\+native)?"
    r"|cassandra|neo4j(?:\+s)?|bolt|couchdbs?|elasticsearch|influxdb|cockroachdb|snowflake|db2|sybase|hive|presto|trino|ldaps?"
    r"|smtps?|imaps?|pop3s?|s?ftps?|ssh|git|https?|wss?|socks[45]h?|nats|mqtts?|kafka|rtsps?|vnc|smb|cifs|rdp|svn)"
    r"(?:\+[a-z0-9_]{1,20})?"
)
_USER = r"[^\s:@/\"'`<>]{0,64}"
_VALUE = r"[^\s@/\"'`<>]{3,128}"
_WEAK = frozenset(
    {"password", "passwd", "pass", "pwd", "pw", "secret", "user", "token", "key", "apikey", "api_key"}
    | {"credentials", "test", "guest", "name", "mypassword"}
)


def is_password(value: str, user: str = "") -> bool:
    """Whether what stands for the password is one: no variable, no word for a password, not the user's name again."""
    return len(value) > 2 and value.lower() not in {*_WEAK, user.lower()} and not is_stand_in(value)


def has_password(span: str) -> bool:
    """Of a URL: between the user's colon and the last ``@``."""
    user, _, password = span.partition("://")[2].rpartition("@")[0].partition(":")
    return is_password(password, user) and not re.fullmatch(r"[0-9]{1,5}(?:[,?#].*)?", password)


def has_assigned(span: str) -> bool:
    """Of a key-value string: behind the last sign of assignment."""
    return is_password(re.split(r"[=:\s]", span.rstrip("\"'"))[-1].strip("\"'"))


def has_assigned_digit(span: str) -> bool:
    """Of a statement, where a word may follow as well."""
    return has_assigned(span) and any(map(str.isdigit, span))


def has_login(span: str) -> bool:
    """Of a command: ``user:password`` as its last word."""
    user, _, password = re.split(r"[\s=]", span)[-1].strip("\"'").partition(":")
    return is_password(password, user)


def _string(pattern: str, score: float = 0.9) -> Rule:
    return Rule("CONNECTION_STRING", pattern, score, "A-Za-z0-9", "", True, has_assigned)


CONNECTION = Rules(
    "connection_string",
    (
        Rule(
            "CONNECTION_STRING",
            rf"{_SCHEMES}://{_USER}:{_VALUE}@[A-Za-z0-9._\[{{$-][A-Za-z0-9._:\]-]{{0,128}}",
            0.95,
            "A-Za-z0-9",
            "",
            True,
            has_password,
        ),
        Rule(
            "CONNECTION_STRING",
            r":[^\s:@/\"'`]{3,40}@(?:tcp|unix)\(",
            check=lambda span: is_password(span[1:].rpartition("@")[0]),
        ),
        _string(r"jdbc:oracle:(?:thin|oci):[A-Za-z0-9_]{1,64}/[^\s@/\"']{3,64}@", score=0.95),
        _string(
            r"(?:server|data source|host|hostname|addr(?:ess)?|endpoint|provider|driver|dsn)\s{0,2}=[^\n\"]{1,300};"
            r"\s{0,2}(?:password|pwd)\s{0,2}=\s{0,2}[^;\s\"'&]{3,128}"
        ),
        _string(r"jdbc:[a-z0-9:]{2,30}//[^\s\"'?;]{1,200}[?;][^\s\"']{0,200}password=[^\s\"'&;]{3,128}"),
        Rule(
            "CONNECTION_STRING",
            r"(?:Account|SharedAccess|Access|Shared)Key=[A-Za-z0-9+/]{40,128}={0,2}",
            0.95,
            "A-Za-z0-9",
            ignore_case=True,
            check=lambda span: is_made_by_chance(span.partition("=")[2]),
        ),
        _string(
            r"sv=20[0-9]{2}-[0-9]{2}-[0-9]{2}&[A-Za-z0-9%&=:_.+-]{4,300}sig=[A-Za-z0-9%+/]{40,100}={0,2}", score=0.95
        ),
        _string(r"[?&]sig=[A-Za-z0-9%+/]{43,100}(?:%3D|=)&[A-Za-z0-9%&=:_.+-]{4,300}sv=20[0-9]{2}-[0-9]{2}-[0-9]{2}"),
        Rule(
            "PASSWORD",
            r"machine\s{1,3}[A-Za-z0-9.-]{3,100}\s{1,6}login\s{1,3}[^\s]{1,64}\s{1,6}password\s{1,3}[^\s]{3,128}",
            check=has_assigned,
        ),
        Rule(
            "PASSWORD",
            r"curl\s[^\n]{0,300}(?:-u|--user)[ =]{1,2}[\"']?[A-Za-z0-9._@-]{1,64}:[^\s\"':]{4,128}",
            check=has_login,
        ),
        Rule(
            "PASSWORD",
            r"sshpass\s{1,3}-p\s{0,2}[\"']?[^\s\"']{4,64}",
            check=lambda span: is_password(span.partition("-p")[2].strip(" \"'")),
        ),
        Rule(
            "PASSWORD",
            r"mysql(?:dump|admin|import)?\s(?:-[A-Za-z0-9._ =-]{1,80}\s)?-p[\"']?[A-Za-z0-9!@#%^&*_+.]{5,64}",
            check=lambda span: is_password(span.rpartition(" -p")[2].strip("\"'")),
        ),
        Rule("PASSWORD", r"redis-cli\s[^\n|;]{0,80}(?:-a|--pass)\s{1,3}[^\s\"']{5,128}", check=has_assigned),
        Rule("PASSWORD", r"net\s{1,3}use\s[^\n]{1,80}/user:[^\s]{1,64}\s{1,3}[^\s/]{5,64}", check=has_assigned),
        Rule(
            "PASSWORD",
            r"(?:identified\s{1,3}by|with\s{1,3}password|encrypted\s{1,3}password|requirepass|masterauth)\s{1,3}[\"']?[^\s\"';]{5,128}",
            0.85,
            "A-Za-z0-9",
            "",
            True,
            has_assigned_digit,
        ),
    ),
)
