"""Where a model's files come from."""

from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, StringConstraints, Tag

from schemas.base import Strict


def _relative(path: str) -> str:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\\" in path or {".", ".."} & set(path.split("/")):
        raise ValueError("must be a path below the model's folder, without '..'")
    return path


Member = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_relative)]


class Wheel(Strict):
    """Files of a Python wheel, taken out of its ``folder``; nothing of it is installed or imported."""

    wheel: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.!+_-]*$")
    folder: Member | None = None


class Hub(Strict):
    """A repository of the model hub at one commit."""

    hub: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$")
    revision: str = Field(pattern=r"^[0-9a-f]{40}$")


class Directory(Strict):
    """A folder of this machine, in the layout of transformers."""

    directory: Path


class Gguf(Strict):
    """One GGUF file of this machine."""

    gguf: Path


_SOURCES = {"wheel": Wheel, "hub": Hub, "directory": Directory, "gguf": Gguf}


def _kind(value: Any) -> str | None:
    given = value if isinstance(value, dict) else vars(value)
    return next((kind for kind in _SOURCES if kind in given), None)


Source = Annotated[
    Annotated[Wheel, Tag("wheel")]
    | Annotated[Hub, Tag("hub")]
    | Annotated[Directory, Tag("directory")]
    | Annotated[Gguf, Tag("gguf")],
    Discriminator(
        _kind, custom_error_type="source", custom_error_message="needs one of 'wheel', 'hub', 'directory', 'gguf'"
    ),
]
