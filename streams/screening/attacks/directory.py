"""Filters of directories and paths of documents that break out of a value: LDAP and XPath."""

from streams.screening.attacks.shapes import border
from streams.screening.detector import LINE, Rule, Rules


def is_unbalanced(span: str) -> bool:
    """Whether a bracket is closed that was never opened."""
    depth = 0
    for character in span:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return True
    return False


def _ldap(pattern: str, score: float = 0.9, before: str = "", after: str = "") -> Rule:
    return Rule("LDAP_INJECTION", pattern, score, before or border(pattern), after, True, is_unbalanced)


def _xpath(pattern: str, score: float = 0.9) -> Rule:
    return Rule("XML_INJECTION", pattern, score, ignore_case=True)


DIRECTORY = Rules(
    "directory",
    (
        _ldap(
            r"[a-z0-9*@._-]{0,30}\){1,3}\s{0,2}\(\s{0,2}[|&!]{0,2}\(?\s{0,2}[a-z]{1,24}\s{0,2}(?:=|>=|<=|~="
            r"|:)[^\n]{0,60}",
            0.85,
            LINE,
        ),
        _ldap(r"[a-z0-9*@._-]{0,30}\){1,3}\s{0,2}\({1,2}\s{0,2}[|&!][^\n]{0,40}", 0.85, LINE),
        _ldap(r"[a-z0-9*]{0,20}\*\){1,3}(?:%00|\x00|\(&|\(\|)", 0.85, LINE),
        _ldap(r"[=\"'][a-z0-9*]{0,20}\*?\){1,2}\s{0,2}\([|&!]?\(?[a-z]{2,24}=[^\n]{0,40}", 0.85, "a-z0-9)"),
        Rule(
            "LDAP_INJECTION",
            r"\*\(\|\((?:mail|objectclass|uid|cn|userpassword)=\*\)\)|\*\(\)\|(?:&|%26)'?",
            0.9,
            ignore_case=True,
        ),
        _xpath(
            r"['\"]\]?[ \t+]{0,3}(?:or|and|\|)[ \t+]{0,3}(?:not\()?(?:name\(|local-name\(|count\("
            r"|string-length\(|substring\(|position\(|starts-with\(|contains\(|string\(|//[a-z*]|text\(\))"
        ),
        _xpath(r"['\"]?\]\s{0,2}\|\s{0,2}//?(?:\*|user|node\(|password|[a-z]{2,20}\[)"),
        _xpath(r"(?:count|name|string-length)\(\s{0,2}(?:/\*|//\*|/child::|//user|/\*\[1\])[^\n]{0,20}\)?\s{0,2}[=<>]"),
        _xpath(r"['\"]\s{0,2}\]?\s{0,2}/\s{0,2}(?:parent|child|descendant|ancestor|following-sibling)::"),
        _xpath(r"doc\(\s{0,2}(?:concat\(\s{0,2})?['\"]https?://[^\n]{3,80}"),
    ),
)
