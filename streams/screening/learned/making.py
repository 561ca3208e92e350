"""Making an artefact: train, sign, write it with its data sheet and its report."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.keys import from_hex, kept_hex
from infra.policies import default_policy
from streams.screening.learned.linear import parts
from streams.screening.screener import Screener

if TYPE_CHECKING:
    from workers.screening.artefact import Card
    from workers.screening.examples import Example
    from workers.screening.training import Recipe


@dataclass(frozen=True)
class Made:
    card: "Card"
    digest: str
    key: str


def make(
    examples: "Sequence[Example]",
    recipe: "Recipe",
    path: Path,
    private: Ed25519PrivateKey,
    origins: Mapping[str, str],
    progress: Callable[[int, int, str], None],
) -> Made:
    """Write ``path`` with ``.sig``, ``.md`` and ``.report.json`` beside it.

    Raises:
        TrainingFailed: nothing can be learned from these examples.
    """
    from workers.screening.artefact import save
    from workers.screening.sheet import sheet
    from workers.screening.training import train

    card, model = train(examples, recipe, parts, progress, ruled(examples))
    digest = save(path, card, model, private)
    key = private.public_key().public_bytes_raw().hex()
    path.with_suffix(".md").write_text(sheet(card, examples, digest, key, origins))
    path.with_suffix(".report.json").write_text(json.dumps({"sha256": digest, **card.model_dump()}, indent=1) + "\n")
    return Made(card, digest, key)


def ruled(examples: "Sequence[Example]") -> list[set[str]]:
    """The categories that rules alone find in each text, under the policy that ships."""
    policy, screener = default_policy().screening, Screener()
    found = (screener.screen(each.text, "prompt", policy, "").verdict.findings for each in examples)
    return [{finding.category for finding in findings} for findings in found]


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key in a file for its owner only, made when there is none. Raises ``InvalidField`` for a file of anything
    else."""
    return Ed25519PrivateKey.from_private_bytes(from_hex(kept_hex(path), str(path)))
