"""Credentials, one kind a module."""

from streams.screening.secrets.assigned import ASSIGNED
from streams.screening.secrets.cloud import CLOUD
from streams.screening.secrets.code_hosts import CODE_HOSTS
from streams.screening.secrets.connection import CONNECTION
from streams.screening.secrets.messaging import MESSAGING
from streams.screening.secrets.models import MODELS
from streams.screening.secrets.monitoring import MONITORING
from streams.screening.secrets.password_hash import PASSWORD_HASH
from streams.screening.secrets.payment import PAYMENT
from streams.screening.secrets.private_key import PRIVATE_KEY
from streams.screening.secrets.token import TOKEN
from streams.screening.secrets.vendor import VENDOR

SECRETS = (
    PRIVATE_KEY,
    TOKEN,
    CLOUD,
    CODE_HOSTS,
    MODELS,
    MESSAGING,
    PAYMENT,
    MONITORING,
    CONNECTION,
    VENDOR,
    PASSWORD_HASH,
    ASSIGNED,
)
"""All detectors of credentials, the surest first."""
