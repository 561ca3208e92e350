"""International bank account numbers (ISO 13616): length of the country and MOD 97-10."""

from itertools import groupby

from streams.screening.detector import Rule, Rules
from streams.screening.personal.checksums import mod_97

_LENGTHS = (
    "NO15 BE16 DK18 FI18 FO18 GL18 NL18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20 CH21 HR21 LI21 "
    "LV21 BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 AE23 GI23 IL23 IQ23 OM23 SO23 TL23 AD24 CZ24 ES24 MD24 "
    "PK24 RO24 SA24 SE24 SK24 TN24 VG24 LY25 PT25 ST25 IS26 TR26 FR27 GR27 IT27 MC27 MR27 SM27 AL28 AZ28 BY28 "
    "CY28 DO28 GT28 HU28 LB28 NI28 PL28 SV28 BR29 EG29 PS29 QA29 UA29 JO30 KW30 MU30 YE30 MT31 SC31 LC32 RU33"
)


def _of(length: int, countries: list[str]) -> str:
    return rf"(?:{'|'.join(countries)})[0-9]{{2}}(?:[ -]?[A-Z0-9]){{{length - 4}}}"


_COUNTRIES = {
    int(length): [each[:2] for each in group] for length, group in groupby(_LENGTHS.split(), key=lambda each: each[2:])
}
_ANY = "|".join(_of(length, countries) for length, countries in _COUNTRIES.items())

IBAN = Rules(
    "iban",
    (
        Rule("IBAN", _ANY, score=0.98, before="A-Za-z0-9", after="A-Za-z0-9", check=mod_97),
        Rule("IBAN", _ANY, score=0.98, lead="[Ii][Bb][Aa][Nn][ :=#]{0,3}", after="A-Za-z0-9", check=mod_97),
    ),
)
