"""Letters that look Latin and are not: Cyrillic, Greek and their kin, accented, small, boxed and turned into emoji.

Source of the pairs: the confusables of Unicode Technical Standard 39, those of one letter that people use.
"""

import unicodedata
from functools import cached_property

from streams.screening.detector import Hit
from streams.screening.view import View

_PAIRS = (
    ("авекмнорстухіјѕԁԛԝһӏьгпАВЕКМНОРСТУХІЈЅԌԚԜҺӀЗ", "aвekmнopctyxijsdqwhlьrnABEKMHOPCTYXIJSGQWHI3"),
    ("αβγεικνορτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳ", "aβyeikvoptuxwABEZHIKMNOPTYXcj"),
    ("ɑɡıȷʟɴʀᴀʙᴄᴅᴇꜰɢʜɪᴊᴋᴍᴏᴘꜱᴛᴜᴠᴡʏᴢøłđħŧØŁĐ", "agijlnrabcdefghijkmopstuvwyzoldhtOLD"),
    ("օսցնսհոռԱՍՕ", "ouguuhnnUUO"),
    ("ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓤꓦꓧꓨꓪꓫꓬꓮꓰꓲꓳꓴ", "BPdDTGKJCZFMNLSRRVHGWXYAEIOU"),
    ("ᎪᏴᏟᎠᎬᎻᎫᏦᏞᎷᏢᎡᏚᎢᏙᎳᏃ", "ABCDEHJKLMPRSTVWZ"),
)
_ROWS = ((0x1F150, 26, "A"), (0x1F170, 26, "A"), (0x1F1E6, 26, "A"))
"""Negative circled and squared letters, and the signs that flags are made of."""


class Lookalike:
    name = "lookalike"

    @property
    def trigger(self) -> str:
        return "[" + "".join(rf"\x{{{code:x}}}" for code in sorted(self._table)) + "]"

    def view(self, source: View) -> View | None:
        if source.text.isascii():
            return None
        text = source.text.translate(self._table)
        return View(text, source.begin, source) if text != source.text else None

    def opened(self, source: View) -> int:
        return len(source.text)

    def finds(self, entity: str) -> bool:
        return True

    def admits(self, hit: Hit, view: View) -> bool:
        return changed(hit, view)

    @cached_property
    def _table(self) -> dict[int, str]:
        table = {ord(sign): letter for signs, letters in _PAIRS for sign, letter in zip(signs, letters, strict=True)}
        for first, count, letter in _ROWS:
            table |= {first + place: chr(ord(letter) + place) for place in range(count)}
        for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
            base = unicodedata.normalize("NFD", chr(code))[0]
            if base.isascii():
                table[code] = base
        return {code: letter for code, letter in table.items() if letter.isascii()}


def changed(hit: Hit, view: View) -> bool:
    """Whether a hit in a view that keeps all places is there only because of it."""

    return view.text[hit.start : hit.end] != view.source.text[hit.start : hit.end]
