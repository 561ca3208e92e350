"""External entities and what else reads files by way of XML."""

from streams.screening.detector import Rule, Rules


def _xml(pattern: str, score: float = 0.9) -> Rule:
    return Rule("XML_INJECTION", pattern, score, ignore_case=True)


XML = Rules(
    "xml",
    (
        _xml(
            r"<!entity\s{1,4}(?:%\s{1,4})?[a-z0-9_.-]{1,40}\s{1,4}(?:system"
            r"|public\s{1,3}[\"'][^\"'\n]{0,80}[\"'])\s{1,4}"
            r"[\"'](?:file|https?|ftp|php|expect|netdoc|jar|gopher|data|dict|ldap|\\\\|/|[a-z]:|\.\.|%)"
        ),
        _xml(r"<!entity\s{1,4}(?:%\s{1,4})?[a-z0-9_.-]{1,40}\s{1,4}[\"'](?:&[a-z0-9_.-]{1,20};\s{0,2}){2,}"),
        _xml(r"<!entity\s{1,4}%\s{1,4}[a-z0-9_.-]{1,40}\s{1,4}[\"']\s{0,4}(?:<|&#x?[0-9]{1,3};)\s{0,2}!\s{0,2}entity"),
        _xml(r"<!doctype\s{1,4}[a-z0-9_.:-]{1,40}\s{0,4}\[\s{0,4}<!(?:entity|element)[^\n]{0,80}(?:system|any|%)"),
        _xml(
            r"<!doctype\s{1,4}[a-z0-9_.:-]{1,40}\s{1,4}system\s{1,4}[\"'](?:file:"
            r"|https?://[^\"'\n]{0,60}(?:evil|attacker|burp|oast|interact|[0-9]{1,3}(?:\.[0-9]{1,3}){3})|php:"
            r"|expect:|/etc)"
        ),
        _xml(r"<xi:include\s[^<>]{0,80}href\s{0,2}=\s{0,2}[\"'](?:file:|https?:|/|\.\.|php:)"),
        _xml(
            r"<xsl:(?:value-of|copy-of|variable|include|import)[^<>]{0,80}(?:system-property\("
            r"|document\(\s{0,2}['\"]|unparsed-text\(|php:function|(?:href|select)=['\"](?:file|https?):)"
        ),
        _xml(
            r"(?:php:function\(|xmlns:(?:rt|ob"
            r"|runtime)\s{0,2}=\s{0,2}[\"'](?:http://xml\.apache\.org/xalan/java|http://php\.net/xsl))"
        ),
        _xml(r"xsi:schemalocation\s{0,2}=\s{0,2}[\"'][^\"'\n]{0,80}(?:file:|attacker|evil|oast|burp)"),
        _xml(r"<!\[cdata\[<\]\]>\s{0,2}script"),
    ),
)
