"""Ways to hide a value, to be crossed with values: what tests and the report of recall are made of."""

import base64
import codecs
import html
from collections.abc import Callable
from itertools import cycle
from urllib.parse import quote

_LOOKALIKES = str.maketrans("aceopxyABCEHKMOPTX", "асеорхуАВСЕНКМОРТХ")
_HAN, _FORMAL = str.maketrans("0123456789", "零一二三四五六七八九"), str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_ENGLISH = dict(
    zip("0123456789", ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"], strict=True)
)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def between(separator: str) -> Callable[[str], str]:
    """Each character set apart."""
    return lambda text: separator.join(text.replace(" ", "").replace("-", ""))


def groups(separator: str) -> Callable[[str], str]:
    """Groups of four."""

    def hide(text: str) -> str:
        digits = text.replace(" ", "").replace("-", "")
        return separator.join(digits[at : at + 4] for at in range(0, len(digits), 4))

    return hide


def marked(*marks: str) -> Callable[[str], str]:
    """Invisible characters in between."""
    return lambda text: "".join(letter + mark for letter, mark in zip(text, cycle(marks), strict=False))


def spelled(text: str) -> str:
    return " ".join(_ENGLISH.get(digit, digit) for digit in text.replace(" ", "").replace("-", ""))


ANY: dict[str, Callable[[str], str]] = {
    "wide": lambda text: text.translate(_WIDE),
    "zero-width": marked("\u200b", "\u200d", "\u2060", "\ufeff"),
    "bidi": marked("\u202e", "\u202c", "\u2066"),
    "tags": marked("\U000e0041", "\U000e007f"),
    "base64": b64,
    "base64 twice": lambda text: b64(b64(text)),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "hex bytes": lambda text: text.encode().hex(" "),
    "url": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "url in base64": lambda text: b64(quote(text, safe="")),
    "html": lambda text: "".join(f"&#{ord(each)};" for each in text),
    "html hexadecimal": lambda text: "".join(f"&#x{ord(each):x};" for each in text),
    "unicode": lambda text: "".join(f"\\u{ord(each):04x}" for each in text),
    "quoted-printable": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "backwards": lambda text: text[::-1],
}
LETTERS: dict[str, Callable[[str], str]] = {
    "lookalikes": lambda text: text.translate(_LOOKALIKES),
    "mathematical": lambda text: "".join(
        chr(0x1D41A + ord(each) - 97) if "a" <= each <= "z" else each for each in text
    ),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "spaced": between(" "),
}
NUMBERS: dict[str, Callable[[str], str]] = {
    "Chinese": lambda text: text.translate(_HAN),
    "formal Chinese": lambda text: text.translate(_FORMAL),
    "English": spelled,
    "spaces": between(" "),
    "dots": between("."),
    "dashes": between("-"),
    "stars": groups("*"),
    "slashes": groups("/"),
    "commas": groups("，"),
    "pauses": groups("、"),
    "emoji": between("🙂"),
    "lines": groups("\n"),
    "letters": lambda text: text.replace("0", "O").replace("1", "l"),
}
ADDRESSES: dict[str, Callable[[str], str]] = {
    "words": lambda text: text.replace("@", " at ").replace(".", " dot "),
    "brackets": lambda text: text.replace("@", " [at] ").replace(".", " [dot] "),
    "round brackets": lambda text: text.replace("@", "(at)").replace(".", "(dot)"),
    "Chinese words": lambda text: text.replace("@", "艾特").replace(".", "点"),
    "spaces around": lambda text: text.replace("@", " @ ").replace(".", " . "),
    "entities": lambda text: html.escape(text).replace("@", "&commat;").replace(".", "&period;"),
}
VALUES = {
    "PHONE": ("13800138000", "18612345678", "15901234567"),
    "EMAIL": ("ann.lee@example.com", "wangwei@company.cn", "bob_77@mail.example.org"),
    "ID_CN": ("11010519491231002X", "440524188001010014"),
    "CREDIT_CARD": ("4111111111111111", "5555555555554444"),
}
FRAMES = {
    "PHONE": ("我的手机号是{}，请尽快联系我。", "Please call my phone: {} tomorrow."),
    "EMAIL": ("我的邮箱是 {} ，谢谢。", "You can write me an email: {} anytime."),
    "ID_CN": ("身份证号码：{}。", "My Chinese ID number: {} as requested."),
    "CREDIT_CARD": ("信用卡号是{}，有效期明年。", "Charge my card: {} please."),
}


def cases() -> list[tuple[str, str, str, str]]:
    """Technique, entity, what is hidden, and the text it stands in."""
    found = []
    for entity, values in VALUES.items():
        own = {**LETTERS, **ADDRESSES} if entity == "EMAIL" else NUMBERS
        for technique, hide in {**ANY, **own}.items():
            for value in values:
                found += [(technique, entity, hide(value), frame.format(hide(value))) for frame in FRAMES[entity]]
    return found
