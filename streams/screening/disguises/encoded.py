"""Encodings of text: base64, base32, hexadecimal and binary, and the escapes of URLs, HTML, JSON and e-mail.

Each run is decoded by itself. Only what reads as text counts, so hashes, identifiers and pictures stay what they are.
"""

import base64
import binascii
import html
import re
from collections.abc import Callable, Iterator
from functools import cache

import re2

from streams.screening.detector import Hit, options
from streams.screening.view import Token, View, replaced

_HEX = "[0-9A-Fa-f]"
_ESCAPE = rf"\\(?:u{_HEX}{{4}}|U{_HEX}{{8}}|u\{{{_HEX}{{1,6}}\}}|x{_HEX}{{2}}|[0-3][0-7]{{2}})"
_RUNS = {
    "url": ("%", rf"(?P<url>(?:%{_HEX}{{2}})+)"),
    "escape": ("\\", rf"(?P<escape>(?:{_ESCAPE})+)"),
    "html": (
        "&",
        r"(?P<html>&#(?:[0-9]{1,7}|[xX][0-9A-Fa-f]{1,6});?|&(?!lt;|gt;|amp;|quot;|nbsp;)[A-Za-z]{2,20};)",
    ),
    "mail": ("=", r"(?P<mail>(?:=[0-9A-F]{2})+)"),
    "point": ("U+", rf"(?P<point>U\+{_HEX}{{4,6}}(?:[ ,]?U\+{_HEX}{{4,6}})*)"),
    "bytes": (
        "",
        rf"(?<![0-9A-Za-z])(?P<bytes>(?:0x)?{_HEX}{{2}}(?:[ ,:;-]{{1,2}}(?:0x)?{_HEX}{{2}}){{5,}})(?![0-9A-Za-z])",
    ),
    "bits": ("", r"(?<![0-9A-Za-z])(?P<bits>[01]{8}(?:[ ,]?[01]{8}){5,})(?![0-9A-Za-z])"),
    "blob": ("", r"(?<![A-Za-z0-9+/_-])(?P<blob>[A-Za-z0-9+/_-]{12,}(?:={1,6}(?![0-9A-F]{2}))?)"),
}
"""For each kind the sign that it cannot do without, and the pattern of its runs."""
_MIXED = "[a-z0-9][A-Z][A-Za-z0-9+/_-]{4}|[A-Za-z0-9+/_-]{4}[a-z0-9][A-Z]|[A-Za-z][0-9][A-Za-z][A-Za-z0-9+/_-]{4}"
"""What base64 cannot do without; ordinary words can."""
_HEXED, _UPPER = f"{_HEX}{{12}}", "[A-Z2-7]{16}"
_SPACED = re.compile(rf"{_HEX}{{2}}[ ,:;-]{{1,2}}(?:0x)?{_HEX}{{2}}[ ,:;-]|[01]{{16}}")
_OPEN = (
    r"(?:[A-Za-z0-9+/_-]+={0,6}[0-9A-F]?|(?:%[0-9A-Fa-f]{2})*%[0-9A-Fa-f]{0,2}|(?:=[0-9A-F]{2})*=[0-9A-F]{0,2}"
    r"|&#?[A-Za-z0-9]{0,20}|(?:\\(?:[uUx]\{?[0-9A-Fa-f]{1,8}\}?|[0-3][0-7]{2}))*\\(?:[uUx]?\{?[0-9A-Fa-f]{0,8}\}?)"
    r"|U(?:\+?[0-9A-Fa-f]{0,6}[ ,]?U?)*|(?:(?:0x)?[0-9A-Fa-f]{2}[ ,:;-]{1,2})+(?:0x?)?[0-9A-Fa-f]{0,2}"
    r"|(?:[01]{8}[ ,]?)+[01]{0,8})\z"
)


class Encoded:
    name = "encoded"
    trigger = (
        r"%[0-9A-Fa-f]{2}|\\[uUx][0-9A-Fa-f{]|\\[0-3][0-7]{2}|&#[xX]?[0-9A-Fa-f]{2}|&[A-Za-z]{2,20};|=[0-9A-F]{2}"
        r"|U\+[0-9A-Fa-f]{4}|(?:[0-9A-Fa-f]{2}[ ,:;-]{1,2}(?:0x)?){5}|[01]{8}[ ,]?[01]{8}"
        rf"|{_MIXED}|{_HEXED}|{_UPPER}"
    )

    def __init__(self) -> None:
        self._open = re2.compile(_OPEN, options())

    def view(self, source: View) -> View | None:
        return replaced(source, _tokens(source.text, source.begin))

    def opened(self, source: View) -> int:
        found = self._open.search(source.text, source.begin)
        return found.start() if found else len(source.text)

    def finds(self, entity: str) -> bool:
        return True

    def admits(self, hit: Hit, view: View) -> bool:
        return bool(view.names(hit.start, hit.end))


def _tokens(text: str, begin: int) -> Iterator[Token]:
    for found in _runs(text).finditer(text, begin):
        left, right = found.span()
        for name, decode in _DECODERS[found.lastgroup or ""]:
            plain = decode(found.group())
            if plain is not None:
                yield Token(left, right, plain, name)
                break
        else:
            yield Token(left, right, "", "")


def _runs(text: str) -> re.Pattern[str]:
    spaced = _SPACED.search(text) is not None
    signs = (sign in text if sign else spaced or kind == "blob" for kind, (sign, _) in _RUNS.items())
    return _compiled(tuple(signs))


@cache
def _compiled(chosen: tuple[bool, ...]) -> re.Pattern[str]:
    """A pattern for the kinds that may be there: the fewer, the faster."""
    return re.compile("|".join(pattern for (_, pattern), there in zip(_RUNS.values(), chosen, strict=True) if there))


def _readable(data: bytes) -> str | None:
    """The text that bytes are, if they are one."""
    if len(data) > 3 and data[1::2].count(0) == len(data) // 2 and not data[0::2].count(0):
        data = data[0::2] if data[0::2].isascii() else b"\xff"
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _chinese(data)
    return text if text.translate(_BLANKS).isprintable() and text.strip() else None


def _chinese(data: bytes) -> str | None:
    """The text that bytes are in the Chinese encoding of old, if all of it is usual."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return (
        text
        if all(" " <= each <= "~" or "\u4e00" <= each <= "\u9fff" or each in "，。、！？：" for each in text)
        else None
    )


_MIXED_RUN = re.compile(_MIXED)
_BLANKS = dict.fromkeys(map(ord, "\t\r\n"), " ")


def _base64(run: str) -> str | None:
    body = run.rstrip("=").replace("-", "+").replace("_", "/")
    if not _MIXED_RUN.search(body):
        return None
    return _decoded(base64.b64decode, body[: len(body) - (len(body) % 4 == 1)], 4)


def _base32(run: str) -> str | None:
    body = run.rstrip("=")
    return _decoded(base64.b32decode, body, 8) if len(body) >= 16 and body.isupper() else None


def _decoded(decode: Callable[[str], bytes], body: str, group: int) -> str | None:
    try:
        return _readable(decode(body + "=" * (-len(body) % group)))
    except (binascii.Error, ValueError):
        return None


def _hex(run: str) -> str | None:
    digits = re.sub(r"0x|[^0-9A-Fa-f]", "", run)
    if len(digits) % 2 or len(digits) < 12 or re.search(r"[^0-9A-Fa-fx ,:;-]", run):
        return None
    return _readable(bytes.fromhex(digits))


def _bits(run: str) -> str | None:
    digits = re.sub("[ ,]", "", run)
    return _readable(bytes(int(digits[at : at + 8], 2) for at in range(0, len(digits), 8)))


def _bytes_after(sign: str) -> Callable[[str], str | None]:
    def decode(run: str) -> str | None:
        try:
            return bytes.fromhex(run.replace(sign, "")).decode()
        except UnicodeDecodeError:
            return None

    return decode


def _escapes(run: str) -> str | None:
    try:
        units = "".join(map(_unit, re.findall(_ESCAPE, run)))
        text = units.encode("utf-16", "surrogatepass").decode("utf-16")
        return text.encode("latin-1").decode() if "\\x" in run and not text.isascii() else text
    except (UnicodeError, ValueError, OverflowError):
        return None


def _unit(escape: str) -> str:
    body = escape[1:].strip("uUx{}")
    return chr(int(body, 8 if escape[1].isdigit() else 16))


def _points(run: str) -> str | None:
    try:
        return "".join(chr(int(code, 16)) for code in re.findall(r"U\+([0-9A-Fa-f]{4,6})", run))
    except (ValueError, OverflowError):
        return None


def _entity(run: str) -> str | None:
    text = html.unescape(run if run.endswith(";") else run + ";")
    return text if not text.startswith("&") else None


Decoders = tuple[tuple[str, Callable[[str], str | None]], ...]
_DECODERS: dict[str, Decoders] = {
    "url": (("url", _bytes_after("%")),),
    "escape": (("escape", _escapes),),
    "html": (("html", _entity),),
    "mail": (("quoted_printable", _bytes_after("=")),),
    "point": (("escape", _points),),
    "bytes": (("hex", _hex),),
    "bits": (("binary", _bits),),
    "blob": (("hex", _hex), ("base32", _base32), ("base64", _base64)),
}
