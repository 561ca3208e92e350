"""GGUF files, dequantised once: that takes half a minute of the processor, loading the outcome half a second."""

import logging
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from schemas.errors import ModelNotAvailable
from workers.models.base import Base, load
from workers.models.generators import Quantization

log = logging.getLogger(__name__)


def load_unpacked(file: Path, quantization: Quantization = "none") -> Base:
    """The model in a GGUF file, with the weights that ``load`` makes of it; kept as safetensors beside it.

    Raises ``ModelNotAvailable`` as ``load`` does.
    """
    folder = file.with_suffix(".unpacked")
    if folder.is_dir():
        return load(folder, quantization)
    base = load(file)

    def save(partial: Path) -> None:
        base.model.hf_quantizer = None
        del base.model.config.quantization_config
        base.model.save_pretrained(partial)
        base.tokenizer.save_pretrained(partial)

    _keep(folder, save)
    return base if quantization == "none" else load(folder, quantization)


def load_tokenizer(path: Path, *, keep: bool) -> Any:
    """The tokenizer of a folder or GGUF file. What transformers makes of a GGUF file takes it half a minute: ``keep``
    it beside the file. Raises ``ModelNotAvailable`` when there is none."""
    from transformers import AutoTokenizer

    kept = path.with_suffix(".tokenizer")
    made = [folder for folder in (path.with_suffix(".unpacked"), kept) if keep and folder.is_dir()]
    place = path if path.is_dir() else next(iter(made), None)
    options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        if place is not None:
            return AutoTokenizer.from_pretrained(place, **options)
        tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name, **options)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise ModelNotAvailable(f"{path.name!r} has no tokenizer that can be read ({type(error).__name__})") from error
    if keep:
        _keep(kept, tokenizer.save_pretrained)
    return tokenizer


def encoding(path: Path) -> str:
    """What the name of a GGUF file says its weights are, as ``q4_1``; ``ir`` of a folder."""
    found = re.search(r"[.-](I?Q\d\w*|BF16|F16|F32)\.gguf$", path.name, re.IGNORECASE)
    return found[1].lower() if found else ("gguf" if path.suffix == ".gguf" else "ir")


def _keep(folder: Path, save: Callable[[Path], object]) -> None:
    """Put what ``save`` writes in place by one rename; without room for it, go on."""
    try:
        partial = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            save(partial)
            partial.chmod(0o755)
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        log.warning("what was made of a GGUF file cannot be kept", extra={"reason": error.strerror})
