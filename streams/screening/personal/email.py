"""E-mail addresses: RFC 5321 in its common form also between Chinese characters, internationalised (RFC 6531), and
spelt out as *name(at)domain(dot)com*."""

from streams.screening.detector import Rule, Rules

_LETTER = r"A-Za-z0-9À-ɏͰ-ӿ"
_LOCAL = rf"[{_LETTER}._%+'-]*[{_LETTER}_%+-]"
_DOMAIN = rf"(?:[{_LETTER}-]{{1,63}}\.){{1,6}}[A-Za-zÀ-ɏͰ-ӿ]{{2,24}}"
_HAN = (
    r"(?:[\p{Han}A-Za-z0-9-]{1,63}\.){1,4}(?:中国|公司|网络|网址|在线|中文网|商城|集团|香港|台湾|政务|公益|世界|コム)"
)
_AT = r"[(\[{<] ?at ?[)\]}>] ?"
_DOT = r"(?:\.| ?[(\[{<] ?dot ?[)\]}>] ?)"

EMAIL = Rules(
    "email",
    (
        Rule("EMAIL", rf"{_LOCAL}@{_DOMAIN}", score=0.95),
        Rule("EMAIL", rf"{_LOCAL}@{_HAN}", score=0.9),
        Rule(
            "EMAIL", rf"[A-Za-z0-9._+-]+{_AT}[A-Za-z0-9-]+(?:{_DOT}[A-Za-z0-9-]+){{1,4}}", score=0.8, ignore_case=True
        ),
    ),
)
