"""What a policy says of the make-up of a prompt."""

from pydantic import Field

from schemas.base import Strict


class BoundsPolicy(Strict):
    """What a prompt may be made of, and ask for."""

    messages: int = Field(default=512, ge=1, le=512)
    turns: int = Field(default=256, ge=0)
    """Turns of a conversation that are written into one text (many-shot jailbreaking)."""
    information: float = Field(default=0.01, ge=0, le=1)
    """The size of a long text compressed, as a part of its own size: below it, it says the same again and again."""
    output_tokens: int = Field(default=262_144, ge=1)
    """``n`` × ``max_tokens``."""
