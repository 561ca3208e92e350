"""Hashes of passwords as systems keep them: crypt, htpasswd, LDAP, Django, Windows dumps."""

from streams.screening.detector import Rule, Rules

_B64 = "[A-Za-z0-9./+=]"


def is_hash(span: str) -> bool:
    return len(set(span)) > 12


def _hash(pattern: str, before: str = "A-Za-z0-9$") -> Rule:
    return Rule("PASSWORD", pattern, 0.9, before, "A-Za-z0-9", check=is_hash)


PASSWORD_HASH = Rules(
    "password_hash",
    (
        _hash(r"\$2[abxy]?\$[0-9]{2}\$[A-Za-z0-9./]{53}"),
        _hash(
            rf"\$(?:1|5|6|7|8|y|gy|md5|apr1|sha1)\$(?:rounds=[0-9]{{1,9}}\$)?{_B64}{{0,64}}\$(?:{_B64}{{0,64}}\$)?{_B64}{{22,90}}"
        ),
        _hash(r"\$argon2(?:id|i|d)\$v=[0-9]{1,3}\$[a-z0-9=,]{5,60}\$[A-Za-z0-9+/]{10,90}\$[A-Za-z0-9+/]{20,130}"),
        _hash(r"\$(?:scrypt|pbkdf2(?:-sha(?:1|256|512))?|7z|krb5tgs|krb5asrep)\$[A-Za-z0-9=,.$*/+@_-]{30,900}"),
        _hash(r"\$[PHS]\$[A-Za-z0-9./]{31,55}"),
        _hash(
            r"(?:pbkdf2_sha(?:1|256|512)|bcrypt_sha256|argon2|scrypt)\$[A-Za-z0-9=,]{1,30}\$[A-Za-z0-9./+=$-]{30,200}"
        ),
        _hash(r"(?:pbkdf2:sha(?:1|256|512):[0-9]{3,7}|scrypt:[0-9:]{5,20})\$[A-Za-z0-9]{4,32}\$[0-9a-f]{40,128}"),
        _hash(r"\{(?:SSHA|SHA|SMD5|CRYPT|SSHA256|SSHA512|PBKDF2)[0-9-]{0,4}\}[A-Za-z0-9$./+=]{20,200}"),
        _hash(r":[0-9]{3,6}:[0-9a-fA-F]{32}:[0-9a-fA-F]{32}:::", ""),
        _hash(r"::[A-Za-z0-9._-]{1,40}:[0-9a-fA-F]{16}:[0-9a-fA-F]{32}:[0-9a-fA-F]{20,800}", ""),
    ),
)
