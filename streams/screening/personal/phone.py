"""Telephone numbers: Chinese mobile and landline, international with the lengths of each country, and US."""

from streams.screening.detector import Rule, Rules

_LENGTHS: dict[str, tuple[int, int]] = {
    "1": (10, 10), "7": (10, 10), "20": (9, 10), "27": (9, 9), "30": (10, 10), "31": (9, 9), "32": (8, 9),
    "33": (9, 9), "34": (9, 9), "36": (8, 9), "39": (8, 11), "40": (9, 9), "41": (9, 9), "43": (7, 12),
    "44": (9, 10), "45": (8, 8), "46": (7, 10), "47": (8, 8), "48": (9, 9), "49": (7, 11), "51": (8, 9),
    "52": (10, 10), "54": (10, 11), "55": (10, 11), "56": (9, 9), "57": (10, 10), "60": (8, 10), "61": (9, 9),
    "62": (8, 12), "63": (8, 10), "64": (8, 10), "65": (8, 8), "66": (8, 9), "81": (9, 10), "82": (8, 10),
    "84": (9, 10), "86": (10, 11), "90": (10, 10), "91": (10, 10), "92": (9, 10), "98": (10, 10), "212": (9, 9),
    "234": (8, 10), "254": (9, 9), "351": (9, 9), "353": (7, 9), "358": (6, 11), "380": (9, 9), "420": (9, 9),
    "852": (8, 8), "853": (8, 8), "886": (8, 9), "966": (8, 9), "971": (8, 9), "972": (8, 9),
}  # fmt: skip
"""Digits after the country code, fewest and most (ITU-T E.164 and the national numbering plans)."""


def _country(code: str, fewest: int, most: int) -> str:
    return rf"{code}(?:[ .()-]{{0,2}}[0-9]){{{fewest},{most}}}"


_COUNTRIES = "|".join(_country(code, *lengths) for code, lengths in _LENGTHS.items())
_MOBILE = r"1[3-9][0-9](?:[ -]?[0-9]{4}){2}"
_AREA = r"0(?:10|2[0-9]|[3-9][0-9]{2})"

PHONE = Rules(
    "phone",
    (
        Rule("PHONE", rf"(?:0086[ -]?)?{_MOBILE}", score=0.9, before="0-9", after="0-9A-Za-z_"),
        Rule("PHONE", rf"(?:{_AREA}[ -]|\({_AREA}\) ?)[2-9][0-9]{{6,7}}", score=0.8, before="0-9-", after="0-9"),
        Rule("PHONE", rf"\+(?:{_COUNTRIES})", score=0.85, before="0-9A-Za-z+", after="0-9"),
        Rule(
            "PHONE",
            r"(?:1[ .-])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[ .-])[2-9][0-9]{2}[ .-][0-9]{4}",
            score=0.75,
            before="0-9.-",
            after="0-9-",
        ),
    ),
)
