"""Identifiers of patients, insured persons and doctors."""

from streams.screening.detector import Rule, Rules
from streams.screening.personal.checksums import medicare_au, npi, weighted
from streams.screening.personal.label import chinese, english

_GAP = r"[ -]?"
_MBI_LETTER = "[AC-HJ-NPQRT-Y]"
_MBI_ANY = "[AC-HJ-NPQRT-Y0-9]"
_MBI = rf"[1-9]{_MBI_LETTER}{_MBI_ANY}[0-9]-?{_MBI_LETTER}{_MBI_ANY}[0-9]-?{_MBI_LETTER}{{2}}[0-9]{{2}}"
"""Place by place as the Centers for Medicare & Medicaid Services give them out."""


MEDICAL_ID = Rules(
    "medical_id",
    (
        Rule("MEDICAL_ID", _MBI, score=0.85, before="0-9A-Za-z-", after="0-9A-Za-z-"),
        Rule(
            "MEDICAL_ID",
            r"[0-9]{3}[ -][0-9]{3}[ -][0-9]{4}",
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english("nhs|national health service"),
            check=weighted("nhs"),
        ),
        Rule(
            "MEDICAL_ID",
            r"[0-9]{10}",
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english("nhs|national health service"),
            check=weighted("nhs"),
        ),
        Rule(
            "MEDICAL_ID",
            r"[12][0-9]{9}",
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english("npi|national provider identifier"),
            check=npi,
        ),
        Rule(
            "MEDICAL_ID",
            rf"[2-6][0-9]{{3}}{_GAP}[0-9]{{5}}{_GAP}[0-9](?:{_GAP}/?[0-9])?",
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english("medicare"),
            check=medicare_au,
        ),
        Rule(
            "MEDICAL_ID",
            r"[A-Za-z]{0,4}[ -]?[0-9](?:-?[0-9A-Za-z]){4,14}",
            score=0.97,
            before="A-Za-z",
            after="0-9A-Za-z",
            lead=english(
                "mrn|medical record|patient id|patient number|health insurance|insurance id|member id|"
                "health plan|policy number|health card|medicaid|ehic|medical id|health id"
            ),
        ),
        Rule(
            "MEDICAL_ID",
            r"[A-Za-z]{0,4}[0-9](?:-?[0-9A-Za-z]){4,19}",
            score=0.97,
            after="0-9A-Za-z",
            lead=chinese(
                "病历|病案|住院|门诊|就诊|医保|社保|诊疗|病人ID|患者ID|患者编号|病人编号|体检|检查号|公费医疗"
            ),
        ),
    ),
)
