"""What tells a value made by chance from a word, a name or a stand-in."""

import re
import zlib
from collections.abc import Callable
from math import log2

import re2

Check = Callable[[str], bool]

_PAIRS = (
    "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic "
    "ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un "
    "lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev "
    "ld ry mp fe bl ab gh ty op wo sa ay ex ke ui fr oo ag av ap od ei da ck ug ys rd ub bu cr do ey gi ht if ik iz "
    "ki ls nk nu ob og ok oc oa pi pp qu rc rl rm rn ru sc sp ue up va ws xt ye"
)
_COMMON = frozenset(_PAIRS.split())
_STAND_INS = re2.compile(
    r"(?i)x{4}|\*{3}|\.{3}|_{4}|-{4}|your|example|sample|placeholder|change[_-]?(?:me|it|this)|replace|insert|dummy"
    r"|redacted|removed|hidden|fake|todo|fixme|[<>]|\$[{(A-Za-z_]|\{\{|%[({]|#\{|(?:^|[_-])here(?:$|[_-])|0{8}"
    r"|goes[_-]?here|my[_-]?(?:secret|token|key|pass)|undefined"
)
_SEQUENCES = re2.compile(r"(?i)123456789|abcdefgh|0a1b2c3d|deadbeef|secret[_-]?(?:key|value|name)")
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def is_stand_in(value: str) -> bool:
    """Whether a value stands in the place of a secret: ``your-key-here``, ``${TOKEN}``, ``xxxx``."""
    return _STAND_INS.search(value) is not None


def wordiness(value: str) -> float:
    """The share of neighbouring letters that are common in words: about .6 in names, .15 in what chance made."""
    lower = value.lower()
    pairs = sum(lower[place : place + 2] in _COMMON for place in range(len(lower) - 1))
    return pairs / max(len(lower) - 1, 1)


def entropy(value: str) -> float:
    """Bits a character, by the value's own characters."""
    shares = [value.count(each) / len(value) for each in set(value)]
    return -sum(share * log2(share) for share in shares)


def is_made_by_chance(value: str, fewest: int = 12) -> bool:
    """Whether a value is long, mixed and unlike words, in one piece: no date, version, path or name."""
    if len(value) < fewest or entropy(value) < 3 or wordiness(value) > 0.33 or _SEQUENCES.search(value):
        return False
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    if digits < 2 or letters < 2 or is_stand_in(value):
        return False
    return is_uuid(value) or max(map(len, re.split(r"[^A-Za-z0-9+/]", value))) >= 12


def is_uuid(value: str) -> bool:
    return [len(part) for part in value.split("-")] == [8, 4, 4, 4, 12]


def is_issued(span: str) -> bool:
    """Whether a marked key may be one that was given out: varied, and no stand-in."""
    return len(set(span)) >= 10 and not is_stand_in(span)


def is_mixed(span: str) -> bool:
    """As ``is_issued``, with digits and letters mixed as words do not."""
    return is_issued(span) and is_made_by_chance(span[3:])


def is_checksummed(token: str) -> bool:
    """Whether the last six characters are the CRC-32 of those behind the mark, in base 62 (GitHub, npm)."""
    body = token.rpartition("_")[2]
    value = 0
    for character in body[-6:]:
        value = value * 62 + ALPHABET.index(character)
    return value == zlib.crc32(body[:-6].encode())
