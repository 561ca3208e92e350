"""Chinese number plates (GA 36-2018): province, letter and five places, six for new energy, in any common spacing."""

from streams.screening.detector import Rule, Rules

_PROVINCE = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使]"
_LETTER = "A-HJ-NP-Za-hj-np-z"


def is_plate(span: str) -> bool:
    """At least two digits in five or six places, of which at most three are letters."""
    body = [each for each in span[2:] if each.isalnum()]
    figures = sum(each.isdigit() for each in body)
    return (
        figures >= len(body) - 3
        and figures >= 2
        and (len(body) == 5 or body[0] in "DdFfABCEGHJKabceghjk" or body[-1] in "DdFf")
    )


LICENSE_PLATE_CN = Rules(
    "license_plate_cn",
    (
        Rule(
            "LICENSE_PLATE_CN",
            rf"{_PROVINCE}[{_LETTER}][ ·•.\-・]{{0,2}}[{_LETTER}0-9]{{4,5}}[{_LETTER}0-9挂学警港澳领]",
            score=0.85,
            after="A-Za-z0-9",
            check=is_plate,
        ),
    ),
)
