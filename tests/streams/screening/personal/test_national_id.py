import pytest

from streams.screening.personal.national_id import NATIONAL_ID

CASES = [
    ("NI number: AB 12 34 56 C", ["AB 12 34 56 C"]),  # United Kingdom
    ("QQ123456C", []),  # Q is not given out
    ("2 55 08 14 168 025 38", ["2 55 08 14 168 025 38"]),  # France
    ("2 55 08 14 168 025 39", []),
    ("RSSMRA85T10A562S", ["RSSMRA85T10A562S"]),  # Italy
    ("RSSMRA85T10A562T", []),
    ("DNI 12345678Z", ["12345678Z"]),  # Spain
    ("12345678A", []),
    ("X1234567L", ["X1234567L"]),
    ("Steuer-ID 86095742719", ["86095742719"]),  # Germany
    ("86095742719", []),
    ("PESEL 44051401359", ["44051401359"]),  # Poland
    ("BSN: 111222333", ["111222333"]),  # Netherlands
    ("811228-9874", ["811228-9874"]),  # Sweden
    ("811228-9873", []),
    ("131052-308T", ["131052-308T"]),  # Finland
    ("756.9217.0769.85", ["756.9217.0769.85"]),  # Switzerland
    ("2341 2341 2346", ["2341 2341 2346"]),  # India
    ("2341 2341 2347", []),
    ("my pan is ABCPE1234F", ["ABCPE1234F"]),
    ("529.982.247-25", ["529.982.247-25"]),  # Brazil
    ("529.982.247-26", []),
    ("BOXW310820HNERXN09", ["BOXW310820HNERXN09"]),  # Mexico
    ("マイナンバー：123456789018", ["123456789018"]),  # Japan
    ("880101-1234567", ["880101-1234567"]),  # Korea
    ("881301-1234567", []),
    ("S1234567D", ["S1234567D"]),  # Singapore
    ("S1234567E", []),
    ("SIN: 046 454 286", ["046 454 286"]),  # Canada
    ("TFN 123 456 782", ["123 456 782"]),  # Australia
    ("香港身份证A123456(3)", ["A123456(3)"]),
    ("A123456(4)", []),
    ("台湾身份证字号A123456789", ["A123456789"]),
    ("回乡证H12345678", ["H12345678"]),
    ("通行证怎么办理", []),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_spans(text: str, found: list[str]) -> None:
    assert [text[each.start : each.end] for each in NATIONAL_ID.find(text)] == found
