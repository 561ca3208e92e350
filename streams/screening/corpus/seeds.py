"""How a file of seeds is read, and how a seed grows into texts, the same ones every time.

A file is ``<source>.<language>.txt``, a seed a line. ``%%`` begins a comment, ``== LABEL LABEL`` a section whose seeds
have those labels (``== ORDINARY``: none), and ``name = one | another``, before the first section, a slot. In a seed,
``{name}`` is a slot, ``{one|another}`` a choice, ``\\n`` a line break; any other brace is itself. Slots may hold slots,
and ``most`` says how many texts a seed of the file grows into.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

Slots = Mapping[str, tuple[str, ...]]
_CHOICE = re.compile(r"\{([a-z_]+|[^{}]*\|[^{}]*)\}")
_SLOT = re.compile(r"([a-z_]+) = (.*)")
_TRIES = 4


class Seed(NamedTuple):
    template: str
    labels: tuple[str, ...]


def parse(lines: str) -> tuple[dict[str, tuple[str, ...]], list[Seed]]:
    """The slots and the seeds of a file."""
    slots: dict[str, tuple[str, ...]] = {}
    seeds: list[Seed] = []
    labels: tuple[str, ...] | None = None
    for line in lines.splitlines():
        if not line.strip() or line.startswith("%%"):
            continue
        if line.startswith("== "):
            labels = tuple(label for label in line.split()[1:] if label != "ORDINARY")
        elif labels is not None:
            seeds.append(Seed(line.replace("\\n", "\n"), labels))
        elif slot := _SLOT.fullmatch(line):
            slots[slot[1]] = tuple(option.strip() for option in slot[2].split(" | "))
        else:
            raise ValueError(f"before the first section only slots may stand: {line}")
    return slots, seeds


def grow(template: str, slots: Slots, most: int) -> Iterator[str]:
    """At most so many different texts of a seed."""
    grown: set[str] = set()
    for turn in range(most * _TRIES):
        text = _fill(template, slots, turn)
        if text not in grown:
            grown.add(text)
            yield text
        if len(grown) == most:
            return


def _fill(text: str, slots: Slots, turn: int) -> str:
    place = 0
    while choice := _CHOICE.search(text):
        place += 1
        options = slots[choice[1]] if "|" not in choice[1] else tuple(choice[1].split("|"))
        text = text[: choice.start()] + options[_draw(text, turn, place, len(options))] + text[choice.end() :]
    return text


def _draw(text: str, turn: int, place: int, many: int) -> int:
    """A number below ``many`` that only looks like chance."""
    digest = hashlib.blake2b(f"{turn} {place} {text}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % many
