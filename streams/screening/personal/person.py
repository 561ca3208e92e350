"""Names of persons in Latin letters: a common given name with another name behind it, or any name beside a title, a
label, a greeting, a signature or a verb of speech."""

from streams.screening.detector import Rule, Rules
from streams.screening.personal.given import DOUBTFUL, NAMES, STOPS, WORDS
from streams.screening.personal.label import folded

_LETTER = "A-Za-zÀ-ÖØ-öø-ÿ"
_WORD = rf"[A-ZÀ-Ö][{_LETTER}'’-]*[a-zß-öø-ÿ]"
_MIDDLE = (
    r"(?: [A-Z]\.?)?(?: (?:van|von|de|del|della|da|dos|di|der|den|du|la|le|el|al|bin|ibn|ben|st\.|St\.|ter|ten)){0,2}"
)
_SAFE = "|".join(sorted(set(NAMES) - set(WORDS)))
_GIVEN = "|".join(sorted({*NAMES, *WORDS}))
_FULL = rf"(?:{_GIVEN})(?:-{_WORD})?{_MIDDLE}(?: {_WORD}){{1,2}}"
_ANY = rf"{_WORD}{_MIDDLE}(?: {_WORD}){{0,2}}"
_TWO = rf"(?:{_WORD}|[A-Z]\.){_MIDDLE}(?: {_WORD}){{1,2}}|[A-Z]{{2,20}} [A-Z]{{2,20}}"
_TITLE = (
    r"(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Doctor|Sir|Madam|Lady|Lord|Rev|Reverend|Capt|Captain|Sgt|Lt|Col|Judge|"
    r"Officer|Senator|Nurse|Herr|Frau|Monsieur|Madame|Señor|Señora|Mister)\.? "
)
_SAID = (
    r"(?: (?:said|says|asked|asks|told|wrote|writes|called|calls|replied|wants|wanted|lives|lived|works|worked|"
    r"thinks|thought|loves|likes|bought|moved|met|agreed|confirmed|mentioned|suggested|knows|left|died|married|born)|"
    r"['’]s )"
)
_LABELS = folded(
    "name|full name|first name|last name|surname|customer|client|patient|employee|contact|attn|attention|signed|"
    "author|from|to|cc|sender|recipient|beneficiary|account holder|cardholder|card holder|applicant|passenger|guest|"
    "tenant|landlord|buyer|seller|student|teacher|physician|witness|owner|manager|bill to|billed to|ship to|"
    "deliver to|delivery for|prepared by|approved by|written by|signed by|reviewed by|emergency contact|next of kin|"
    "spouse|father|mother|user|member|candidate|holder|payee|payer|subscriber|insured|claimant|plaintiff|defendant|"
    "reported by|assigned to|sincerely|regards|yours truly|yours|best|cheers|thanks|name on card"
)
_SIGN = r"[ \"']{0,2}[:=,;-][ \n\"'*_]{0,4}"
_CALLED = folded(
    "my name is|my name's|name is|i am|i'm|i’m|this is|call me|her name is|his name is|known as|called|named|"
    "married to|signed"
)
_FIRST = folded("my name is|my name's|name:|nome:|call me|her name is|his name is|first name:|last name:|surname:")
_GREETED = folded(
    "hi|hello|hey|dear|thanks|thank you|regards|best|cheers|sincerely|yours|love|morning|afternoon|evening|i'm|i am|"
    "i’m|this is|ask for|contact|speak to|speak with|spoke to|spoke with|talk to|talked to|met with|call|attn"
)
_SAYS = folded("my name is|my name's|i'm|i’m|im|i am|this is|name:|name is|call me")
_BESIDE = folded(
    "is|with|by|from|to|for|about|tell|and|colleague|friend|brother|sister|husband|wife|son|daughter|boss|mother|father|"
    "uncle|aunt|cousin|neighbor|neighbour|client|patient"
)
_ALONE = r"(?:[^A-Za-zÀ-ÿ0-9 @._-]|[._-](?:[^A-Za-z0-9])| [^A-Z])"
"""No other name, nor the rest of an address, stands behind it."""


def is_name(span: str) -> bool:
    """Whether the words are none that stand beside a name without being part of it."""
    words = span.replace("-", " ").split()
    return words[0] not in STOPS and (len(words) == 1 or words[-1] not in STOPS or len(words) > 2)


def is_lower(span: str) -> bool:
    """Whether it is a common given name in lower case, with no word behind it that is none of a name."""
    given, *family = span.title().split()
    return given in NAMES and given not in WORDS and STOPS.isdisjoint(family)


def is_full(span: str) -> bool:
    """Whether what stands behind the given name can be a family name."""
    given, family = span.split()[:2]
    return family not in STOPS and not (given in WORDS and family in DOUBTFUL)


def _person(pattern: str, score: float, lead: str = "", trail: str = "") -> Rule:
    after = "" if trail else _LETTER
    return Rule("PERSON", pattern, score, before=f"{_LETTER}0-9_@.", after=after, lead=lead, trail=trail, check=is_name)


PERSON = Rules(
    "person",
    (
        Rule("PERSON", _FULL, 0.8, before=f"{_LETTER}0-9_@/", after=f"{_LETTER}@", check=is_full),
        _person(_ANY, 0.85, _TITLE),
        _person(_TWO, 0.8, rf"(?:{_LABELS}){_SIGN}"),
        _person(_TWO, 0.75, rf"(?:{_CALLED}),? "),
        _person(_WORD, 0.8, rf"(?:{_FIRST}) ?"),
        Rule(
            "PERSON",
            "[a-z]{2,20}(?: [a-z'-]{3,20})?",
            0.7,
            before=_LETTER,
            after="a-z",
            check=is_lower,
            lead=f"(?:{_SAYS}) ",
        ),
        Rule("PERSON", "[a-z]{2,20}", 0.7, before=_LETTER, after="a-z", check=is_lower, lead=f"(?:{_SAYS}) "),
        _person(_GIVEN, 0.75, rf"(?:{_GREETED})[ ,:\n-]{{1,3}}", _ALONE),
        _person(_SAFE, 0.7, rf"(?:{_BESIDE}) ", _ALONE),
        _person(_SAFE, 0.7, trail=_SAID),
    ),
)
