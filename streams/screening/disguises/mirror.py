"""Texts written backwards as a whole: the rules are turned round, so that a stream holds back what they begin with."""

import re2

from schemas.entities import ENTITIES
from streams.screening.detector import DECOY, Hit, Rule, options
from streams.screening.disguises.backward import Backward
from streams.screening.disguises.leet import by_words
from streams.screening.disguises.sureness import is_said
from streams.screening.view import View

_HAN = "略忽|视无|记忘|示提|令指|统系|则规|制限|过绕"
_TOP = r"(?:moc|gro|ten|ude|vog|nc|oi|ku|ed|rf|pj)\.[A-Za-z0-9.-]{1,100}@"
_WORDS = f"{Backward.trigger}|{_HAN}|{_TOP}"
TRIGGER = f"{_WORDS}|[0-9Xx][0-9]{{9}}"
"""What stands in every find."""
_SAID = re2.compile(_WORDS, options())
_ADDRESS = re2.compile(_TOP, options())
_NUMBERS = frozenset({"PHONE", "CREDIT_CARD", "BANK_CARD_CN", "ID_CN"})


def is_turned(rule: Rule) -> bool:
    """Whether the reverse of what a rule finds is unlike anything else."""
    if rule.lead or rule.trail or rule.entity == DECOY:
        return False
    if rule.entity in ENTITIES and ENTITIES[rule.entity].category == "injection":
        return rule.entity == "INSTRUCTION_OVERRIDE"
    return rule.entity in _NUMBERS or rule.entity == "EMAIL" or by_words(rule.entity)


def is_meant(hit: Hit, view: View) -> bool:
    """Whether a find of a rule turned round is one: by its words, or by what is said before it."""
    said = view.text[hit.start : hit.end]
    if hit.entity == "EMAIL":
        return _ADDRESS.match(said) is not None
    if hit.entity in _NUMBERS:
        return hit.entity == "ID_CN" or is_said(hit.entity, view.context(hit.start))
    return _SAID.search(said) is not None
