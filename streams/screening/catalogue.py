"""The built-in detectors, in order."""

from streams.screening.attacks.injection import INJECTION
from streams.screening.attacks.payload import PAYLOAD
from streams.screening.detector import Rules
from streams.screening.personal.credit_card import CREDIT_CARD
from streams.screening.personal.email import EMAIL
from streams.screening.personal.id_cn import ID_CN
from streams.screening.personal.phone import PHONE
from streams.screening.personal.ssn import SSN
from streams.screening.secrets import SECRETS

DETECTORS: tuple[Rules, ...] = (
    EMAIL,
    PHONE,
    CREDIT_CARD,
    ID_CN,
    SSN,
    *SECRETS,
    PAYLOAD,
    INJECTION,
)
