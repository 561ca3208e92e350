"""Ordinary text that is on this machine anyway, under open licences: what false alarms are counted on.

It comes from the descriptions of installed packages and from the documentation strings of Python's standard library.
"""

import ast
import hashlib
import re
import sysconfig
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

from workers.screening.examples import Example

LICENCES = re.compile(r"\b(MIT|BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|Unlicense)\b")
RESTRICTED = re.compile(r"GPL|proprietary|commercial|NVIDIA", re.IGNORECASE)
MARKUP = re.compile(
    r"```[^`]*```|<[^<>]*>|!?\[[^\[\]]*\]\([^()]*\)|https?://\S+|^\s*(?:[|=~#>*+-]|\.\.|:\w).*$", re.MULTILINE
)
LEAST, MOST = 40, 600
"""Characters of a paragraph."""


def ordinary(each: int = 2, most: int = 200) -> list[Example]:
    """So many paragraphs at most of one package or module, and of each kind."""
    described = ((dist.name, dist.metadata.json.get("description", "")) for dist in _open_distributions())
    return [*_chosen("packages", described, each, most), *_chosen("python", _documented(), each, most)]


def licences() -> dict[str, str]:
    """Each package whose description is read, with its version and licence."""
    return {f"{dist.name} {dist.version}": _licence(dist)[:80] for dist in _open_distributions()}


def _open_distributions() -> list[Distribution]:
    found = {dist.name: dist for dist in distributions() if dist.name}
    allowed = [
        dist for dist in found.values() if LICENCES.search(_licence(dist)) and not RESTRICTED.search(_licence(dist))
    ]
    return sorted(allowed, key=lambda dist: dist.name.lower())


def _licence(dist: Distribution) -> str:
    told = dist.metadata
    classified = [line.rpartition(":: ")[2] for line in told.get_all("Classifier") or () if line.startswith("License")]
    said = [*(told.get_all("License-Expression") or ()), *classified, *(told.get_all("License") or ()), ""]
    return str(said[0]).strip().partition("\n")[0]


def _documented() -> Iterator[tuple[str, str]]:
    """The documentation strings of each module of the standard library."""
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        nodes = ast.walk(ast.parse(path.read_bytes()))
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
        strings = (ast.get_docstring(node) for node in nodes if isinstance(node, kinds))
        yield path.stem, "\n\n".join(text for text in strings if text)


def _chosen(source: str, texts: Iterable[tuple[str, object]], each: int, most: int) -> list[Example]:
    """Of each text's paragraphs, and then of all, those whose digests are least: no run takes others."""
    kept: dict[str, None] = {}
    for _, text in texts:
        kept |= dict.fromkeys(sorted(_paragraphs(str(text)), key=_order)[:each])
    return [Example(text=text, source=source, language="en") for text in sorted(kept, key=_order)[:most]]


def _paragraphs(text: str) -> Iterator[str]:
    for part in re.split(r"\n\s*\n", MARKUP.sub(" ", text)):
        line = " ".join(part.split())[:MOST]
        if len(line) >= LEAST and line.isascii() and sum(map(str.isalpha, line)) > 0.6 * len(line):
            yield line


def _order(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=8).digest()
