"""All detectors of text that is made to be run."""

from streams.screening.attacks.command import COMMAND
from streams.screening.attacks.deserialisation import DESERIALISATION
from streams.screening.attacks.directory import DIRECTORY
from streams.screening.attacks.header import HEADER
from streams.screening.attacks.path import PATH
from streams.screening.attacks.script import SCRIPT
from streams.screening.attacks.sql import DOCUMENT_QUERY, SQL
from streams.screening.attacks.ssrf import SSRF
from streams.screening.attacks.template import TEMPLATE
from streams.screening.attacks.xml import XML

PAYLOADS = (SQL, DOCUMENT_QUERY, SCRIPT, COMMAND, PATH, TEMPLATE, DIRECTORY, XML, DESERIALISATION, SSRF, HEADER)
