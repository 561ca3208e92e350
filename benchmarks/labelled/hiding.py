"""Ways in which a value is disguised. Each gives the disguised value, or nothing where it does not fit the kind."""

import base64
import html
import urllib.parse
from collections.abc import Callable

WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})
NUMERALS = str.maketrans("0123456789", "零一二三四五六七八九")
FORMAL = str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")
ALIKE = str.maketrans("aceopxyi", "асеорхуі")  # Cyrillic
BOLD = {str(digit): chr(0x1D7CE + digit) for digit in range(10)}


def _is_number(value: str) -> bool:
    return sum(character.isdigit() for character in value) >= 9 and not any(
        c.isalpha() and c not in "xX" for c in value
    )


def _numeric(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda value: change(value) if _is_number(value) else ""


def _between(mark: str) -> Callable[[str], str]:
    return lambda value: mark.join(character for character in value if character.isalnum())


HIDINGS: dict[str, Callable[[str], str]] = {
    "full width": lambda value: value.translate(WIDE),
    "zero width": "\u200b".join,
    "mathematical digits": _numeric(lambda value: "".join(BOLD.get(character, character) for character in value)),
    "Chinese numerals": _numeric(lambda value: value.translate(NUMERALS)),
    "formal numerals": _numeric(lambda value: value.translate(FORMAL)),
    "spaces between": _numeric(_between(" ")),
    "dots between": _numeric(_between(".")),
    "dashes between": _numeric(_between("-")),
    "stars between": _numeric(_between("*")),
    "over two lines": _numeric(lambda value: value[: len(value) // 2] + "\n" + value[len(value) // 2 :]),
    "letters that look alike": lambda value: value.translate(ALIKE) if "@" in value else "",
    "at and dot in words": lambda value: value.replace("@", " at ").replace(".", " dot ") if "@" in value else "",
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "hexadecimal": lambda value: value.encode().hex(),
    "URL": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()),
    "URL, in part": lambda value: quoted if (quoted := urllib.parse.quote(value, safe="")) != value else "",
    "HTML": lambda value: "".join(f"&#{ord(character)};" for character in value),
    "HTML, hexadecimal": lambda value: html.escape("".join(f"&#x{ord(c):x};" for c in value), quote=False).replace(
        "&amp;", "&"
    ),
    "Unicode escapes": lambda value: "".join(f"\\u{ord(character):04x}" for character in value),
    "base64 twice": lambda value: base64.b64encode(base64.b64encode(value.encode())).decode(),
    "reversed": lambda value: value[::-1],
}
