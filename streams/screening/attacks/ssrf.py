"""Addresses that make a server ask itself or its cloud: metadata services, addresses in odd notations, odd schemes.

Links to one's own machine are daily work and are let through unless another link carries them.
"""

from streams.screening.attacks.shapes import border
from streams.screening.detector import LINE, Rule, Rules

_SCHEME = r"(?:https?|ftp|wss?)(?::|%3a)(?://|%2f%2f|/\\|\\/|\\\\|/{1,3})"
_INSIDE = (
    r"(?:localhost|127\.[0-9.]{1,11}|0\.0\.0\.0|0(?:/|:[0-9])|10\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
    r"|192\.168\.[0-9]{1,3}\.[0-9]{1,3}"
    r"|172\.(?:1[6-9]|2[0-9]|3[01])\.[0-9]{1,3}\.[0-9]{1,3}|169\.254\.[0-9]{1,3}\.[0-9]{1,3}|\[::|\[fd|\[fe80"
    r"|metadata|internal\.|kubernetes\.default)"
)
_NAMES = (
    r"(?:url|uri|u|src|source|dest|destination|redirect(?:_?ur[il])?|next|return(?:_?url)?|callback|target|feed"
    r"|host|site|load|fetch|img|image(?:_?url)?|proxy|link|open|to|out|view"
    r"|endpoint|webhook|remote|download|data|path|file|document|page|domain|ref|continue|go|rurl|goto)"
)


def _ssrf(pattern: str, score: float = 0.9, before: str = "", after: str = "") -> Rule:
    return Rule("SSRF", pattern, score, before or border(pattern), after, ignore_case=True)


SSRF = Rules(
    "ssrf",
    (
        _ssrf(
            r"(?:/|@|=|%2f|\\|\[::ffff:)(?:169\.254\.169\.25[34]|169\.254\.170\.2|100\.100\.100\.200"
            r"|192\.0\.0\.192|168\.63\.129\.16)",
            0.85,
        ),
        _ssrf(
            r"(?:/|@|=|%2f)(?:metadata(?:\.google)?\.internal|metadata\.tencentyun\.com|metadata\.packet\.net"
            r"|metadata/v1|instance-data\.|rancher-metadata|fd00:ec2::254|\[fd00:ec2::254\])"
        ),
        _ssrf(
            r"169\.254\.169\.254(?:\.nip\.io|\.xip\.io|\.sslip\.io|/latest|/metadata|/computemetadata|/openstack|/opc)"
        ),
        _ssrf(
            r"/(?:latest/(?:meta-data|user-data|dynamic|api/token)|computemetadata/v1|metadata/(?:instance"
            r"|identity)\?api-version|opc/v[12]/instance)",
            0.8,
        ),
        _ssrf(
            rf"{_SCHEME}(?:[^\s/@\"'<>]{{0,60}}@)?(?:0x[0-9a-f]{{8}}"
            rf"|0x[0-9a-f]{{1,2}}(?:\.0x[0-9a-f]{{1,2}}){{1,3}}|0[0-7]{{2,4}}(?:\.[0-9]{{1,4}}){{3}}"
            rf"|0[0-7]{{10,12}}|[1-4][0-9]{{8,9}})(?:[:/?#]|%2f|\s|\"|')"
        ),
        _ssrf(
            rf"{_SCHEME}(?:127\.[0-9]{{1,3}}(?:\.[0-9]{{1,3}})?[:/]|127\.1(?:\s|\"|')|0[:/]|\[(?:::|0{{1,4}}:"
            rf"|::ffff:|fd00|fe80))(?:[0-9a-f:.]{{0,40}}\])?",
            0.84,
        ),
        _ssrf(rf"{_SCHEME}[^\s/\"'<>@]{{1,80}}@{_INSIDE}"),
        _ssrf(
            rf"{_SCHEME}[^\s/\"'<>]{{0,80}}(?:127\.0\.0\.1|10\.0\.0\.1|192\.168\.[0-9]\.[0-9]{{1,3}}|localhost"
            rf"|169-254-169-254)[^\s/\"'<>:]{{0,4}}\.(?:nip|xip|sslip)\.io|localtest\.me|lvh\.me"
            rf"|spoofed\.burpcollaborator|1u\.ms|rbndr\.us"
        ),
        _ssrf(rf"[?&]{_NAMES}=(?:{_SCHEME}|//|%2f%2f)?{_INSIDE}"),
        _ssrf(rf"[?&]{_NAMES}=(?:gopher|dict|file|ldaps?|tftp|sftp|jar|netdoc|phar)(?::|%3a)"),
        _ssrf(
            rf"{_SCHEME}(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::|%3a)(?:21|22|23|25|110|143|389|445"
            rf"|2375|2379|3306|5432|6379|9200|11211|27017|10250|8500)(?:/|\s|#|\?)",
            0.8,
        ),
        _ssrf(r"gopher://[^\s\"'<>]{1,80}(?:/_|:[0-9]{2,5}/?(?:_|%0|%2a|\?|/))"),
        _ssrf(
            r"(?:dict|sftp|tftp|netdoc|jar|ldaps?)(?:://)(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\."
            r"|[0-9.]{7,15}|[a-z0-9.-]{3,60}):[0-9]{2,5}[/:!]",
            0.84,
        ),
        _ssrf(r"jar:(?:https?|file):[^\s]{3,100}!/"),
        _ssrf(rf"{_SCHEME}[^\s/\"'<>]{{1,60}}(?:\\@|%5c@|#@|%23@|\?@|;@|%00@|%2540|\\\.)"),
        _ssrf(
            r"https?:(?:\\\\|\\/\\/|/\\/|///|/[^/\s]|[a-z0-9])[^\s]{0,40}(?:@|127\.|localhost|evil|attacker)",
            0.84,
            LINE,
        ),
        _ssrf(
            rf"(?:{_SCHEME})?(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::\]|\[::1\])(?::[0-9]{{2,5}})?(?:%|\\|@"
            rf"|#)[^\s]{{0,40}}",
            0.84,
            LINE,
        ),
        _ssrf(
            r"(?:burpcollaborator\.net|oastify\.com|interact\.sh|oast\.(?:pro|live|site|fun|me|online)"
            r"|dnslog\.cn|ceye\.io|requestbin\.net|canarytokens\.com|webhook\.site/[0-9a-f-]{8,36}"
            r"|pipedream\.net|xss\.ht|bxss\.me|beeceptor\.com)",
            0.8,
        ),
    ),
)
