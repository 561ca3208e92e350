"""All detectors of orders that do not come from whom an assistant serves."""

from streams.screening.attacks.control_token import CONTROL_TOKEN
from streams.screening.attacks.exfiltration import EXFILTRATION
from streams.screening.attacks.extraction import EXTRACTION
from streams.screening.attacks.indirect import INDIRECT
from streams.screening.attacks.jailbreak import JAILBREAK
from streams.screening.attacks.override import OVERRIDE
from streams.screening.attacks.unsafe import UNSAFE

INJECTIONS = (OVERRIDE, JAILBREAK, EXTRACTION, INDIRECT, CONTROL_TOKEN, EXFILTRATION, UNSAFE)
