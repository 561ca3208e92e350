"""The built-in detectors, in order."""

from streams.screening.attacks.injection import INJECTIONS
from streams.screening.attacks.payloads import PAYLOADS
from streams.screening.detector import Rules
from streams.screening.harm.plain import PLAIN
from streams.screening.personal.address import ADDRESS
from streams.screening.personal.bank_account import BANK_ACCOUNT
from streams.screening.personal.bank_card_cn import BANK_CARD_CN
from streams.screening.personal.birth_date import BIRTH_DATE
from streams.screening.personal.credit_card import CREDIT_CARD
from streams.screening.personal.decoy import DECOYS
from streams.screening.personal.driver_license import DRIVER_LICENSE
from streams.screening.personal.email import EMAIL
from streams.screening.personal.iban import IBAN
from streams.screening.personal.id_cn import ID_CN
from streams.screening.personal.ip import IP
from streams.screening.personal.license_plate_cn import LICENSE_PLATE_CN
from streams.screening.personal.mac import MAC
from streams.screening.personal.medical_id import MEDICAL_ID
from streams.screening.personal.national_id import NATIONAL_ID
from streams.screening.personal.passport import PASSPORT
from streams.screening.personal.person import PERSON
from streams.screening.personal.person_cn import PERSON_CN
from streams.screening.personal.phone import PHONE
from streams.screening.personal.ssn import SSN
from streams.screening.personal.tax_id import TAX_ID
from streams.screening.personal.uscc_cn import USCC_CN
from streams.screening.secrets import SECRETS

DETECTORS: tuple[Rules, ...] = (
    DECOYS,
    EMAIL,
    PHONE,
    CREDIT_CARD,
    BANK_CARD_CN,
    BANK_ACCOUNT,
    IBAN,
    ID_CN,
    SSN,
    NATIONAL_ID,
    TAX_ID,
    PASSPORT,
    DRIVER_LICENSE,
    MEDICAL_ID,
    LICENSE_PLATE_CN,
    USCC_CN,
    BIRTH_DATE,
    IP,
    MAC,
    ADDRESS,
    PERSON,
    PERSON_CN,
    *SECRETS,
    *PAYLOADS,
    *INJECTIONS,
    PLAIN,
)
