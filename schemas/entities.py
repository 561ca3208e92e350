"""What detectors can find: the vocabulary of policies and of verdicts.

A word list of a policy adds its own name, with category ``harm``.
"""

from typing import NamedTuple

from schemas.screening import Category, LevelName


class Entity(NamedTuple):
    """What kind of thing an entity is, and how serious one is."""

    category: Category
    level: LevelName


_BY_CATEGORY: dict[Category, dict[LevelName, str]] = {
    "pii": {
        "low": "EMAIL IP MAC PERSON FACE",
        "medium": "PHONE ADDRESS LICENSE_PLATE_CN USCC_CN BIRTH_DATE",
        "high": "CREDIT_CARD BANK_CARD_CN BANK_ACCOUNT IBAN ID_CN SSN NATIONAL_ID TAX_ID PASSPORT DRIVER_LICENSE "
        "MEDICAL_ID",
    },
    "secret": {
        "high": "JWT PASSWORD HIGH_ENTROPY",
        "critical": "API_KEY AWS_KEY GITHUB_TOKEN SLACK_TOKEN HEADRACE_KEY PRIVATE_KEY CONNECTION_STRING",
    },
    "payload": {
        "medium": "UNSAFE_LINK UNSAFE_HTML",
        "high": "SQL_INJECTION SCRIPT_INJECTION COMMAND_INJECTION PATH_TRAVERSAL TEMPLATE_INJECTION LDAP_INJECTION "
        "XML_INJECTION HEADER_INJECTION DESERIALIZATION SSRF",
    },
    "injection": {
        "medium": "PROMPT_LEAK ROLE_HIJACK",
        "high": "INSTRUCTION_OVERRIDE CONTROL_TOKEN JAILBREAK PROMPT_INJECTION EXFILTRATION",
        "critical": "CANARY",
    },
    "harm": {"high": "VIOLENCE HATE SELF_HARM SEXUAL ILLEGAL NUDITY", "critical": "EXTREMISM"},
}

ENTITIES: dict[str, Entity] = {
    name: Entity(category, level)
    for category, levels in _BY_CATEGORY.items()
    for level, names in levels.items()
    for name in names.split()
}

_FORMER = {"CARD": "CREDIT_CARD", "IDENTITY_CN": "ID_CN"}


def canonical(name: str) -> str:
    """The name of an entity whatever its case, or the name it has now; any other name as it is."""
    upper = name.upper()
    upper = _FORMER.get(upper, upper)
    return upper if upper in ENTITIES else name
