"""The model that is measured: its manifest, files, tokenizer, and prompts of so many tokens."""

import hashlib
import json
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from workers.models.manifest import SHIPPED, Manifest
from workers.models.store import fetch

STATE = Path(".headrace").absolute()
DEFAULT = "smollm2-135m"
WHO = ("the engineer", "a miller", "my neighbour", "the old captain", "a young teacher", "our doctor", "the surveyor")
WHERE = ("by the river", "in the valley", "on the bridge", "under the dam", "near the station", "at the market")
WHAT = (
    "noticed that the water had risen again",
    "told a long story about the winter before",
    "measured the turbines twice and wrote it down",
    "asked why the gates had been left open",
    "explained how the channel was built by hand",
    "wondered who would repair the broken wheel",
)


def threads() -> int:
    """Every contender has as many threads as there are cores."""
    return len(os.sched_getaffinity(0))


@dataclass(frozen=True)
class Model:
    """``file`` is the GGUF file (or the folder) that was fetched, ``folder`` its weights for transformers."""

    name: str
    file: Path
    folder: Path

    @classmethod
    def fetched(cls, name: str = DEFAULT) -> "Model":
        """A model of the manifest that ships, on this machine. Its weights are dequantised the first time."""
        file = fetch(Manifest.load().entry(name), STATE)
        if file.suffix != ".gguf":
            return cls(name, file, file)
        folder = file.with_suffix(".unpacked")
        if not folder.is_dir():
            from workers.models.gguf import load_unpacked

            load_unpacked(file)
        return cls(name, file, folder)

    def manifest(
        self, into: Path, engine: str, options: Mapping[str, Any] | None = None, *, unpacked: bool = False
    ) -> Path:
        """A manifest of this model alone, on ``engine``, with these options; ``unpacked`` names its safetensors."""
        entry = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))["models"][self.name]
        entry |= {"engine": engine, "options": {"threads": threads(), **(options or {})}}
        if unpacked:
            entry |= {"source": {"directory": str(self.folder)}, "sha256": digests(self.folder)}
        file = into / f"{engine}.yaml"
        file.write_text(json.dumps({"models": {self.name: entry}}), encoding="utf-8")
        return file

    def shaped(self, shape: Mapping[str, int], into: Path) -> "Model":
        """A Llama of another shape with this one's tokenizer and weights drawn at random: as fast as a trained one."""
        import torch
        from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

        tokenizer = AutoTokenizer.from_pretrained(self.folder, local_files_only=True)
        config = LlamaConfig(vocab_size=len(tokenizer), eos_token_id=tokenizer.eos_token_id, dtype="bfloat16", **shape)
        with torch.device("cuda" if torch.cuda.is_available() else "cpu"):
            LlamaForCausalLM(config).to(torch.bfloat16).save_pretrained(into)
        tokenizer.save_pretrained(into)
        return Model(self.name, into, into)

    def prompts(self) -> "Prompts":
        from transformers import AutoTokenizer

        return Prompts(AutoTokenizer.from_pretrained(self.folder, local_files_only=True))


def digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of a folder, in hex."""
    found = {}
    for file in sorted(folder.iterdir()):
        with file.open("rb") as opened:
            found[file.name] = hashlib.file_digest(opened, "sha256").hexdigest()
    return found


class Prompts:
    """Texts of an exact number of tokens, no two alike, that a model goes on with for long."""

    def __init__(self, tokenizer: Any, seed: int = 1) -> None:
        self._tokenizer, self._chance, self._count = tokenizer, random.Random(seed), 0

    def one(self, tokens: int, prefix: str = "") -> str:
        """``prefix`` counts, too. Raises ``ValueError`` when the prefix is longer than that."""
        self._count += 1
        text = f"{prefix}Day {self._count}. "
        while len(self._ids(text)) < tokens + 8:
            text += f"{self._pick(WHO).capitalize()} {self._pick(WHERE)} {self._pick(WHAT)}. "
        for kept in range(tokens + 8, 0, -1):
            cut = str(self._tokenizer.decode(self._ids(text)[:kept], skip_special_tokens=True))
            if len(self._ids(cut)) == tokens and cut.startswith(prefix):
                return cut
        raise ValueError(f"no text of {tokens} tokens begins with that prefix")

    def many(self, count: int, tokens: int, prefix: str = "") -> list[str]:
        return [self.one(tokens, prefix) for _ in range(count)]

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False).input_ids)

    def _pick(self, words: tuple[str, ...]) -> str:
        return self._chance.choice(words)
