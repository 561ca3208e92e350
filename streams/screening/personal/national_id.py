"""National identity numbers of the larger countries: by form and check digit alone where both are strong, else beside
their names."""

from collections.abc import Callable

from streams.screening.detector import Rule, Rules, passes
from streams.screening.digits import digits
from streams.screening.personal import checksums
from streams.screening.personal.checksums import is_date, luhn_digits, weighted
from streams.screening.personal.label import chinese, english

_WORD = "0-9A-Za-z"
_GAP = "[ .-]?"


def is_rrn(span: str) -> bool:
    """Korea: a date, and a sex that fits one of the centuries; the check digit ended in 2020."""
    number = digits(span)
    return is_date(number[:6]) and number[6] in "12345678"


def is_personnummer(span: str) -> bool:
    """Sweden: a date, or one of a coordination number (60 days later), and Luhn."""
    number = digits(span)[-10:]
    day = int(number[4:6])
    return is_date(f"{number[:4]}{day - 60 if day > 60 else day:02}") and luhn_digits(number)


def is_hetu(span: str) -> bool:
    """Finland: a date, and a check character modulo 31."""
    number = digits(span[:6]) + digits(span[7:10])
    return (
        is_date(f"{span[4:6]}{span[2:4]}{span[:2]}") and "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(number) % 31] == span[10]
    )


def _bare(pattern: str, check: Callable[[str], bool] = passes, score: float = 0.85) -> Rule:
    return Rule("NATIONAL_ID", pattern, score, before=f"{_WORD}-", after=_WORD, check=check)


def _named(pattern: str, names: str, check: Callable[[str], bool] = passes) -> Rule:
    return Rule("NATIONAL_ID", pattern, 0.97, before="A-Za-z", after=_WORD, check=check, lead=english(names))


def _named_cn(pattern: str, names: str, check: Callable[[str], bool] = passes) -> Rule:
    return Rule("NATIONAL_ID", pattern, 0.9, after=_WORD, check=check, lead=chinese(names))


_ELEVEN = rf"[0-9](?:{_GAP}[0-9]){{10}}"
_NINE = rf"[0-9](?:{_GAP}[0-9]){{8}}"
_HKID = r"[A-Za-z]{1,2}[0-9]{6}\([0-9Aa]\)"

NATIONAL_ID = Rules(
    "national_id",
    (
        # United Kingdom: national insurance
        _bare(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?(?:[0-9]{2}[ -]?){3}[A-D]"),
        _named(r"[A-Za-z]{2}[ -]?(?:[0-9]{2}[ -]?){3}[A-Da-d]", "national insurance|ni|nino"),
        # France, Italy, Spain
        _bare(
            r"[1-478] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[2-9][0-9]) ?(?:[0-9]{2}|2[AB]) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
            checksums.insee,
        ),
        _bare(r"[A-Z]{6}[0-9]{2}[A-EHLMPR-T][0-7][0-9][A-Z][0-9]{3}[A-Z]", checksums.fiscale, 0.95),
        _bare(r"[0-9]{8}-?[TRWAGMYFPDXBNJZSQVHLCKE]|[XYZ]-?[0-9]{7}-?[TRWAGMYFPDXBNJZSQVHLCKE]", checksums.dni, 0.75),
        # Germany, Poland, Netherlands
        _named(
            _ELEVEN,
            "steuer-id|steuer-identifikationsnummer|steuerid|steuernummer|idnr|tax id|german tax|identifikationsnummer",
            checksums.steuer_id,
        ),
        _named(r"[0-9]{11}", "pesel", weighted("pesel")),
        _named(_NINE, "bsn|burgerservicenummer|sofinummer", weighted("bsn")),
        # Sweden, Finland, Switzerland
        _bare(r"(?:19|20)?[0-9]{6}[-+][0-9]{4}", is_personnummer, 0.75),
        _bare(r"[0-3][0-9][01][0-9][0-9]{2}[-+A][0-9]{3}[0-9A-FHJ-NPR-Y]", is_hetu, 0.85),
        _bare(r"756[. ]?[0-9]{4}[. ]?[0-9]{4}[. ]?[0-9]{2}", weighted("ean")),
        # India: Aadhaar, PAN
        _bare(r"[2-9][0-9]{3}[ -][0-9]{4}[ -][0-9]{4}", checksums.verhoeff, 0.7),
        _named(r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}", "aadhaar|aadhar|uidai|uid"),
        _bare(r"[A-Z]{3}[ABCFGHJLPT][A-Z][0-9]{4}[A-Z]", passes, 0.8),
        # Brazil, Mexico
        _bare(r"[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", checksums.cpf, 0.95),
        _named(r"[0-9]{11}|[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}", "cpf"),
        _bare(r"[A-Z][AEIOUX][A-Z]{2}[0-9]{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[0-9A-Z][0-9]", checksums.curp, 0.95),
        # Japan, Korea, Singapore
        _named(r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}", "my number|mynumber|individual number", checksums.my_number),
        _named_cn(r"[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}", "マイナンバー|個人番号|个人编号", checksums.my_number),
        _bare(r"[0-9]{6}-[1-8][0-9]{6}", is_rrn, 0.8),
        _bare(r"[STFGM][0-9]{7}[A-Z]", checksums.nric, 0.8),
        # Canada, Australia
        _named(r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{3}", "sin|social insurance|nas", luhn_digits),
        _bare(r"[1-79][0-9]{2}-[0-9]{3}-[0-9]{3}", luhn_digits, 0.6),
        _named(_NINE, "tfn|tax file", weighted("tfn")),
        # Hong Kong, Taiwan, Macau, permits
        _bare(_HKID, checksums.hkid),
        _named_cn(r"[A-Za-z]{1,2}[0-9]{6}\(?[0-9Aa]\)?", "香港身份证|香港身份證|HKID|香港永久性居民"),
        _named_cn(r"[157][0-9]{6}\(?[0-9]\)?", "澳门身份证|澳門身份證|澳门居民"),
        _named_cn(r"[A-Za-z][1289A-Da-d][0-9]{8}", "台湾身份证|身份证字号|身分證|台湾居民|國民身分證|身份證字號"),
        _bare(r"[A-Z][1289][0-9]{8}", checksums.twid, 0.6),
        _named_cn(r"[HMCWhmcw][A-Za-z]?[0-9]{7,10}|[0-9]{8,10}", "回乡证|通行证|台胞证|回鄉證|台胞證"),
        _named(
            r"[A-Z]{0,3}[0-9][0-9A-Z-]{5,17}",
            "national id|national identity|identity card|id card|identification number",
        ),
    ),
)
