"""Which language a text is in, by its script: enough for what a policy says of each, and the same at any length."""

from schemas.screening import Language

SAMPLED = 2_000
"""Characters that are looked at, evenly over the text."""
WORD = 4
"""So many Latin letters weigh as much as one Chinese character, which is about a word's part."""


def language_of(text: str) -> Language:
    """``zh`` where Chinese characters outweigh Latin letters, ``en`` where those do, ``other`` without either, or where
    a third script has more."""
    sample = text[:: -(-len(text) // SAMPLED)] if len(text) > SAMPLED else text
    latin = sum(character.isascii() for character in sample if character.isalpha())
    chinese = sum("\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf" for character in sample)
    foreign = sum(character.isalpha() for character in sample) - latin - chinese
    weights: list[tuple[float, Language]] = [(chinese, "zh"), (latin / WORD, "en"), (foreign, "other")]
    weight, language = max(weights, key=lambda each: each[0])
    return language if weight else "other"
