"""Private keys: PEM of all kinds, also in base 64, DER, PuTTY, age, JWK, WireGuard, wallets."""

import hashlib
import re

from streams.screening.detector import Rule, Rules
from streams.screening.secrets.shape import is_stand_in

_KIND = r"(?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?"
_BODY = r"(?:[A-Za-z0-9+/=\s\\:,.()]|-[A-Za-z0-9])*"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_WORDS = r"(?:[a-z]{3,8}[ ,\n]{1,2}){11,23}[a-z]{3,8}"


def has_body(span: str) -> bool:
    """Whether key material stands behind the first line: talk about keys has none."""
    body = span.partition("KEY")[2].partition("-----")[2].rpartition("-----END")[0 if "-----END" in span else 2]
    fewest = 5 if "-----END" in span else 31
    words = re.split(r"[^A-Za-z0-9+/=]|\\n", body)
    return any(len(word) >= fewest and not word.islower() for word in words)


def is_base58_checked(span: str) -> bool:
    """Whether the last four bytes are the checksum of the others (Bitcoin's WIF and extended keys)."""
    number = 0
    for character in span:
        number = number * 58 + _BASE58.index(character)
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()[:4] == data[-4:]


def is_varied(span: str) -> bool:
    return len(set(span)) > 20 and not is_stand_in(span)


def is_hexadecimal_key(span: str) -> bool:
    return len(set(span[-64:])) > 8


def is_seed(span: str) -> bool:
    """Whether the phrase has as many words as wallets take, hardly any of them twice."""
    words = re.findall(r"[a-z]{3,8}", re.split(r"[:=是为\"]|phrase|is", span)[-1])
    return len(words) in (12, 15, 18, 21, 24) and len(set(words)) > len(words) - 3


def _key(pattern: str, before: str = "A-Za-z0-9+/=") -> Rule:
    return Rule("PRIVATE_KEY", pattern, 0.95, before=before, check=is_varied)


PRIVATE_KEY = Rules(
    "private_key",
    (
        Rule("PRIVATE_KEY", rf"-----BEGIN {_KIND}-----{_BODY}(?:-----END {_KIND}-----)?", 0.99, check=has_body),
        _key(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{4,60}(?:BSSVZBVEUgS0VZ|UFJJVkFURSBLRV|QUklWQVRFIEtFW)[A-Za-z0-9+/=\s]{40,}"),
        _key(r"b3BlbnNzaC1rZXktdjEAAAAA[A-Za-z0-9+/=\s]{40,}"),
        _key(r"MI[IG][A-Za-z0-9+/]{2,4}(?:IBA|AgEA)[A-Za-z0-9+/]{60,}={0,2}"),
        _key(r"M(?:HcCAQEE|C4CAQAwBQYDK2VwBCIEI|IGHAgEAMBMG|IGkAgEBBD|IHcAgEBBEI)[A-Za-z0-9+/]{30,}={0,2}"),
        _key(
            r"PuTTY-User-Key-File-[123]:[A-Za-z0-9+/=\s:,.@_-]{20,}Private-Lines:\s{1,2}[0-9]{1,3}\s{1,2}[A-Za-z0-9+/=\s]{20,}"
        ),
        _key(r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
        _key(r"AGE-PLUGIN-[A-Z0-9]{2,20}-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{20,200}"),
        _key(r"\"d\"\s{0,2}:\s{0,2}\"[A-Za-z0-9_-]{42,700}\"", ""),
        _key(r"PrivateKey\s{0,3}=\s{0,3}[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="),
        _key(r"<D>[A-Za-z0-9+/=\s]{80,}</D>"),
        Rule(
            "PRIVATE_KEY",
            r"(?:5[HJK]|K[w-z]|L[1-5])[1-9A-HJ-NP-Za-km-z]{49,50}",
            0.99,
            "A-Za-z0-9",
            "A-Za-z0-9",
            check=is_base58_checked,
        ),
        Rule(
            "PRIVATE_KEY",
            r"[xyztuv]prv[1-9A-HJ-NP-Za-km-z]{107}",
            0.99,
            "A-Za-z0-9",
            "A-Za-z0-9",
            check=is_base58_checked,
        ),
        Rule(
            "PRIVATE_KEY",
            r"(?:private|priv|secret|signing|wallet)[ _-]?(?:key|pk)"
            r"[\"']?\s{0,2}(?:[=:]|is|是|为)\s{0,2}[\"']?(?:0x)?[0-9a-f]{64}",
            ignore_case=True,
            after="0-9A-Za-z",
            check=is_hexadecimal_key,
        ),
        Rule(
            "PRIVATE_KEY",
            rf"(?:seed[ _-]?phrase|recovery[ _-]?phrase|mnemonic(?:[ _-]?phrase)?|助记词)"
            rf"[\"']?\s{{0,2}}(?:[=:]|is|是|为)?\s{{0,2}}[\"']?{_WORDS}",
            ignore_case=True,
            check=is_seed,
        ),
    ),
)
