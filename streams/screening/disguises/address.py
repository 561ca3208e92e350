"""E-mail addresses in words: ann at example dot com, ann[at]example[dot]com, ann艾特example点com."""

import re
from collections.abc import Iterator

import re2

from streams.screening.detector import Hit, options
from streams.screening.disguises.sureness import is_said
from streams.screening.view import Token, View, replaced

_TOP = "com|org|net|edu|gov|mil|cn|io|uk|de|fr|jp|hk|tw|eu|ru|ca|au|kr|sg|nl|ch|es|br|biz|info|dev|app|xyz|vip|ai|co|us"
_AT = r"(?:\s?[\[({<]\s?(?:at|@)\s?[\])}>]\s?|\s?@\s?|\s?(?:艾特|圈a|小老鼠)\s?|[ _](?:at)[ _]|#at#)"
_DOT = r"(?:\s?[\[({<]\s?(?:dot|点|\.)\s?[\])}>]\s?|\s?\.\s?|\s?点\s?|。|[ _](?:dot)[ _]|#dot#)"
_NAME, _LABEL = "[a-z0-9_+%-]{1,64}", "[a-z0-9-]{1,63}"
_RUN = re.compile(
    rf"(?<![a-z0-9_.+%-])(?P<name>{_NAME}(?:(?:\.|\s\.\s|\s?[\[({{<]dot[\])}}>]\s?|[ _]dot[ _]|点){_NAME}){{0,3}})"
    rf"(?P<at>{_AT})(?P<domain>{_LABEL}(?:{_DOT}{_LABEL}){{0,3}}{_DOT}(?:{_TOP}))(?![a-z0-9])",
    re.IGNORECASE,
)
_GAP = re.compile(_DOT, re.IGNORECASE)
_PLAIN = re.compile(r"[a-z0-9._+%-]+@[a-z0-9.-]+\Z", re.IGNORECASE)
_ORDINARY = re.compile(
    r"(?:me|us|you|it|him|her|them|this|that|look|looking|available|hosted|found|based|works?|working|located|live"
    r"|meet|shop|read|see|here|there|is|are|was|be|up|out|only)\Z",
    re.IGNORECASE,
)


class Address:
    name = "spelled"
    trigger = (
        r"(?i:[ _]at[ _][a-z0-9-]+(?:[ _]dot[ _]|\.[a-z]|\s?[\[({<点#])|[\[({<]\s?(?:at|@)\s?[\])}>]|#at#|圈a)"
        r"|艾特|小老鼠|(?i:[a-z0-9]\s?@\s?[a-z0-9-]+(?:\s[.点\[({<d]|\.\s|。|点|[\[({_#]))"
        r"|(?i:[a-z0-9](?:\s@\s?|\s?@\s)[a-z0-9-]+\s?[.点\[({_])"
    )

    def __init__(self) -> None:
        name, label = "[A-Za-z0-9_+%-]+", "[A-Za-z0-9-]+"
        within = r"(?:\.|\s\.\s|[ _](?i:dot)[ _]|点|\s?[\[({<](?i:dot)[\])}>]\s?)"
        half = (
            r"(?:\s?[\[({<]\s?(?:(?i:at?)|@)?\s?|\s?(?:艾|圈|小老?|\.)?|[ _](?i:at?)|#(?i:at?)?|[ _\[(](?i:d(?:ot?)?)?)"
        )
        part = r"(?:\s?[\[({<]\s?(?:(?i:d(?:ot?)?)|点|\.)?\s?|[ _](?i:d(?:ot?)?)?|#(?i:d(?:ot?)?)?)"
        domain = rf"{label}(?:(?i:{_DOT}){label})*(?:(?i:{_DOT})|{part})?"
        self._open = re2.compile(rf"{name}(?:{within}{name})*(?:{half}|(?i:{_AT})(?:{domain})?)?\z", options())

    def view(self, source: View) -> View | None:
        return replaced(source, self._tokens(source))

    def opened(self, source: View) -> int:
        found = self._open.search(source.text, source.begin)
        return found.start() if found else len(source.text)

    def finds(self, entity: str) -> bool:
        return entity == "EMAIL"

    def admits(self, hit: Hit, view: View) -> bool:
        return bool(view.names(hit.start, hit.end))

    def _tokens(self, source: View) -> Iterator[Token]:
        for found in _RUN.finditer(source.text, source.begin):
            if not _PLAIN.match(found.group()) and _is_meant(found, source):
                name, domain = _GAP.sub(".", found["name"]), _GAP.sub(".", found["domain"])
                yield Token(found.start(), found.end(), f"{name}@{domain}", self.name)
            else:
                yield Token(*found.span(), "", "")


def _is_meant(found: re.Match[str], source: View) -> bool:
    """Whether no one just says where something is: bare words need dots in words, or to be announced."""
    if found["at"].strip(" _").lower() != "at":
        return True
    if _ORDINARY.match(found["name"]):
        return False
    spelled = re.search("dot|点", found["domain"], re.IGNORECASE) is not None
    sure = re.search(r"[0-9_.]|\sdot\s", found["name"], re.IGNORECASE) is not None
    return (spelled and sure) or is_said("EMAIL", source.context(found.start()))
