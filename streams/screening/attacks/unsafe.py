"""Links and markup in answers that do more than a reader expects.

Whether a page of HTML is an answer or an example cannot be told from a part of it: markup that a page may well have is
below the usual threshold, and a policy for answers that are shown as HTML lowers it.
"""

import re

from streams.screening.detector import Rule, Rules

_MIXED = re.compile(r"[Ѐ-ӿͰ-Ͽ]")


def is_lookalike(span: str) -> bool:
    """Whether a label of the host mixes Latin letters with those of other alphabets that look alike."""
    host = re.split(r"[/?#]", span.partition("://")[2])[0]
    for label in host.split("."):
        try:
            shown = label[4:].encode().decode("punycode") if label.lower().startswith("xn--") else label
        except UnicodeError:
            return True
        if _MIXED.search(shown) and (re.search("[a-z]", shown, re.I) or len(_MIXED.findall(shown)) == len(shown) < 5):
            return True
    return False


def is_public(span: str) -> bool:
    """Whether a numeric host is out in the world: one's own machine and network are for work."""
    parts = [int(each) for each in re.findall(r"[0-9]+", span.partition("://")[2])[:4]]
    first, second = parts[0], parts[1]
    private = (
        first in (0, 10, 127) or (first, second) in ((192, 168), (169, 254)) or (first == 172 and 16 <= second < 32)
    )
    return not private and max(parts) < 256


def _link(pattern: str, score: float = 0.8) -> Rule:
    return Rule("UNSAFE_LINK", pattern, score, ignore_case=True)


def _html(pattern: str, score: float = 0.45) -> Rule:
    return Rule("UNSAFE_HTML", pattern, score, ignore_case=True)


UNSAFE = Rules(
    "unsafe_output",
    (
        _link(r"\]\(\s{0,3}<?(?:javascript|vbscript|data:text/html|data:application|file):?[^)\n]{0,200}\)?"),
        _link(r"href\s{0,2}=\s{0,2}[\"']?\s{0,3}(?:vbscript:|data:text/html|data:application/)"),
        Rule(
            "UNSAFE_LINK",
            r"\]\(\s{0,3}https?://(?:[0-9]{1,3}\.){3}[0-9]{1,3}[:/)]",
            0.6,
            ignore_case=True,
            check=is_public,
        ),
        Rule(
            "UNSAFE_LINK",
            r"https?://[a-z0-9.-]{0,60}xn--[a-z0-9-]{2,60}[a-z0-9.-]{0,60}",
            0.8,
            ignore_case=True,
            check=is_lookalike,
        ),
        Rule(
            "UNSAFE_LINK",
            r"https?://[a-z0-9.-]{0,40}[Ѐ-ӿͰ-Ͽ][a-z0-9.Ѐ-ӿͰ-Ͽ-]{0,60}",
            0.8,
            ignore_case=True,
            check=is_lookalike,
        ),
        _link(
            r"https?://[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,30}){1,3}(?::[^@\s/]{0,40})?@(?:[a-z0-9-]{1,60}\.){1,4}"
            r"[a-z]{2,20}",
            0.6,
        ),
        _html(
            r"<(?:iframe|object|embed|applet|base|frame)\s[^<>]{0,200}(?:src|data|href"
            r"|code)\s{0,2}=\s{0,2}[\"']?(?:https?:)?//"
        ),
        _html(r"<form\s[^<>]{0,100}action\s{0,2}=\s{0,2}[\"']?https?://"),
        _html(r"<meta\s[^<>]{0,60}http-equiv\s{0,2}=\s{0,2}[\"']?refresh"),
    ),
)
