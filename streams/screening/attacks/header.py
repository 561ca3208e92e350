"""Lines smuggled into the headers of an answer or a mail."""

from streams.screening.detector import Rule, Rules

_BREAK = (
    r"(?:(?:%0d)?%0a|%0d|%250a|%250d%250a|%e5%98%8a(?:%e5%98%8d)?|%e5%98%8d%e5%98%8a|%u000a|%u000d%u000a|\\r\\n"
    r"|\\u000d\\u000a|%23%0a|%3f%0d%0a|%c4%8d%c4%8a)"
)


def _header(pattern: str, score: float = 0.9) -> Rule:
    return Rule("HEADER_INJECTION", pattern, score, ignore_case=True)


HEADER = Rules(
    "header",
    (
        _header(
            rf"{_BREAK}[\s+%20]{{0,3}}(?:set-cookie|location|content-(?:type|length|disposition)"
            rf"|x-[a-z-]{{2,30}}|access-control-[a-z-]{{3,30}}|refresh|link|host|transfer-encoding|cookie"
            rf"|referer|user-agent)\s{{0,2}}(?::|%3a)"
        ),
        _header(
            rf"{_BREAK}[\s+%20]{{0,3}}(?:b?cc|to|from|subject|reply-to|mime-version)(?::|%3a)(?:\s|\+"
            rf"|%20)?[^\s]{{0,40}}(?:@|%40)"
        ),
        _header(rf"(?:{_BREAK}){{2}}[\s]{{0,2}}(?:<|%3c|http/1|http%2f1|get |post )"),
        _header(rf"{_BREAK}http/1\.[01](?:\s|%20|\+)[0-9]{{3}}"),
        _header(r"%0d%0a[a-z-]{2,30}(?::|%3a)"),
        _header(
            r"%0d%0a(?:config|set|flushall|slaveof|save|quit|helo|ehlo|mail|rcpt|data|\*[0-9]|eval|get)(?:%20"
            r"|\s|\+|%0d|\$)"
        ),
        _header(r"(?:%e5%98%8a%e5%98%8d|%E5%98%8D%E5%98%8A)[a-z-]{2,30}"),
        _header(
            r"[\r]\n(?:transfer-encoding:\s{0,2}chunked"
            r"|content-length:\s{0,2}[0-9]{1,4})\r\n[^\n]{0,60}\r?\n?(?:transfer-encoding"
            r"|content-length)\s{0,2}:"
        ),
    ),
)
