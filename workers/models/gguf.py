"""GGUF files, dequantised once: that takes half a minute of the processor, loading the outcome half a second."""

import logging
import shutil
from pathlib import Path
from tempfile import mkdtemp

from workers.models.base import Base, load

log = logging.getLogger(__name__)


def load_unpacked(file: Path) -> Base:
    """The model in a GGUF file, with the weights that ``load`` makes of it; kept as safetensors beside it.

    Raises ``ModelNotAvailable`` as ``load`` does.
    """
    folder = file.with_suffix(".unpacked")
    if folder.is_dir():
        return load(folder)
    base = load(file)
    try:
        _keep(base, folder)
    except OSError as error:
        log.warning("the dequantised weights cannot be kept", extra={"reason": error.strerror})
    return base


def _keep(base: Base, folder: Path) -> None:
    partial = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        base.model.hf_quantizer = None
        del base.model.config.quantization_config
        base.model.save_pretrained(partial)
        base.tokenizer.save_pretrained(partial)
        partial.chmod(0o755)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
