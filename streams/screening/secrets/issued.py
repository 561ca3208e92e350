"""Detectors of keys that bear the mark of their issuer, made from a table."""

from collections.abc import Iterable
from typing import NamedTuple

from streams.screening.detector import Rule, Rules
from streams.screening.secrets.shape import Check, is_issued

WORD = "A-Za-z0-9"
UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"


class Issued(NamedTuple):
    """A kind of key: who gives it out, how it is written, and what else holds of it."""

    issuer: str
    pattern: str
    check: Check = is_issued
    entity: str = "API_KEY"
    score: float = 0.95


def detector(name: str, table: Iterable[Issued]) -> Rules:
    """The keys of ``table``, standing by themselves."""
    return Rules(
        name, tuple(Rule(each.entity, each.pattern, each.score, WORD, WORD, check=each.check) for each in table)
    )
