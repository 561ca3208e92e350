"""Objects written down that run something when they are read: Java, PHP, Python, .NET, YAML, Ruby, JavaScript."""

from streams.screening.detector import Rule, Rules


def _object(pattern: str, before: str = "", score: float = 0.9, ignore_case: bool = False) -> Rule:
    return Rule("DESERIALIZATION", pattern, score, before, ignore_case=ignore_case)


_WORD = "A-Za-z0-9+/"

DESERIALISATION = Rules(
    "deserialisation",
    (
        _object(r"rO0AB[XQNS][A-Za-z0-9+/]{4,}", _WORD),
        _object(r"aced0005(?:73|77|74|75|7a|78)[0-9a-f]{4,}", "0-9a-zA-Z", ignore_case=True),
        _object(r"\\xac\\xed\\x00\\x05", ignore_case=True),
        _object(r"[OC]:[+]?[0-9]{1,4}:\\?\"[A-Za-z_\\][A-Za-z0-9_\\]{0,120}\\?\":[0-9]{1,5}:\{", "A-Za-z0-9"),
        _object(r"[OC]%3[aA][0-9]{1,4}%3[aA]%22[A-Za-z_\\%][A-Za-z0-9_\\%]{1,120}%22%3[aA]"),
        _object(r"Tzo[0-9A-Za-z]{2,4}I[A-Za-z0-9+/]{12,}", _WORD),
        _object(
            r"c(?:os|posix|nt|subprocess|commands|__builtin__|builtins|sys|pty|socket)\s{0,2}\n\s{0,2}(?:system"
            r"|popen|eval|exec|Popen|call|check_output|getattr|execfile|spawn)\s{0,2}\n"
        ),
        _object(
            r"c(?:os|posix|nt|subprocess|__builtin__|builtins)\\n(?:system|popen|eval|exec|Popen|check_output"
            r"|getattr)\\n"
        ),
        _object(
            r"(?:Y29z(?:Cn|eX)|Y3Bvc2l4Cn|Y19fYnVpbHRpbl9fC|Y3N1YnByb2Nlc3MK|Y2J1aWx0aW5zC)[A-Za-z0-9+/]{6,}", _WORD
        ),
        _object(r"(?:gASV|gAWV|gANj|gAJj|gAN9|gARj|KGRwMAp|gAR9)[A-Za-z0-9+/_-]{12,}={0,2}", _WORD),
        _object(r"\\x80\\x0[2345](?:\\x95|c|\}|\\x8c|\()[^\n]{6,}", ignore_case=True),
        _object(r"AAEAAAD/{5}[A-Za-z0-9+/]{8,}", _WORD),
        _object(
            r"[\"']?\$type[\"']?\s{0,2}:\s{0,2}[\"']System\.(?:Windows|Diagnostics|Management|Configuration"
            r"|Security|Workflow|IO|Activities|Web)\.",
            ignore_case=True,
        ),
        _object(
            r"<ObjectDataProvider|ObjectDataProvider[\s,\"'][^\n]{0,80}MethodName"
            r"|System\.Diagnostics\.Process[\s,\"'}]{1,3}[^\n]{0,40}Start",
            ignore_case=True,
        ),
        _object(
            r"[\"']@type[\"']\s{0,2}:\s{0,2}[\"'](?:com\.(?:sun|mchange|alibaba|zaxxer|mysql|ibatis)"
            r"|java\.(?:lang|net|util\.Locale|io)|javax\.|org\.(?:apache|springframework|h2|postgresql"
            r"|hibernate)|L?com\.sun)"
        ),
        _object(
            r"[\[\"'](?:com\.sun\.rowset\.JdbcRowSetImpl|org\.apache\.(?:xalan"
            r"|commons\.collections)[a-zA-Z0-9.]{2,60}|com\.mchange\.v2\.c3p0[a-zA-Z0-9.]{2,60}"
            r"|ch\.qos\.logback\.core\.db[a-zA-Z.]{2,60}|org\.springframework\.(?:context\.support"
            r"|beans\.factory)[a-zA-Z0-9.]{2,60})[\"'\]]"
        ),
        _object(
            r"!!(?:python/(?:object|module|name)|javax\.script|java\.(?:net|lang|util|io)|com\.sun"
            r"|org\.(?:apache|spring|yaml)|js/(?:function|regexp)|ruby/|perl/)",
            ignore_case=True,
        ),
        _object(r"!ruby/(?:object|hash|struct|array|class|module|exception|sym)[:\s]", ignore_case=True),
        _object(r"_\$\$ND_FUNC\$\$_"),
        _object(
            r"[\"']__proto__[\"']\s{0,2}:|__proto__\[[a-zA-Z\"']|constructor\[prototype\]"
            r"|[\"']constructor[\"']\s{0,2}:\s{0,2}\{\s{0,2}[\"']prototype[\"']"
        ),
        _object(
            r"<(?:java(?:\s[^<>]{0,60})?>\s{0,4}<object\s{1,3}class|sorted-set>|dynamic-proxy>"
            r"|java\.(?:util\.PriorityQueue|lang\.ProcessBuilder|beans\.EventHandler)"
            r"|org\.apache\.commons\.[a-zA-Z.]{3,60}>|jdk\.nashorn\.internal)"
        ),
        _object(r"<object\s{1,3}class\s{0,2}=\s{0,2}[\"']java\.(?:lang|beans|io|net)\.", ignore_case=True),
        _object(r"(?:BAhv|BAhbCG8|BAhJ|BAh7C[A-Za-z0-9])[A-Za-z0-9+/]{12,}={0,2}", _WORD, 0.6),
        _object(r"\\x04\\x08(?:o|\[|\{|U):", ignore_case=True),
        _object(r"(?:ysoserial|CommonsCollections[1-9]|JRMPClient|TemplatesImpl\._bytecodes)", score=0.6),
    ),
)
