"""Images and other media on ``headrace.uploads``: inline when small, else by claim check."""

from typing import Self

from pydantic import Field, model_validator

from schemas.base import Digest, Event, Strict


class Stored(Strict):
    """A reference to the object store, made before the upload event was published."""

    uri: str = Field(max_length=1024)
    sha256: Digest


class Upload(Event, Strict):
    """One file; ``id`` becomes its file id. Exactly one of ``data`` (base64) and ``stored``."""

    name: str = Field(default="", max_length=255)
    media_type: str | None = Field(default=None, max_length=128)
    data: str | None = None
    stored: Stored | None = None
    user: str | None = Field(default=None, max_length=128)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.data is None) == (self.stored is None):
            raise ValueError("an upload needs either 'data' (base64) or 'stored' (uri and sha256)")
        return self
