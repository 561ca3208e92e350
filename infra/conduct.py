"""The settings of what becomes of abuse."""

from pydantic import BaseModel, ConfigDict, Field


class AbuseSettings(BaseModel):
    """What becomes of those whose requests are blocked again and again. Each counts, and counts half after
    ``half_life_s``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    half_life_s: float = Field(default=600.0, gt=0)
    scrutiny: float = Field(default=30.0, ge=0)
    """From so many on, whatever looks like an attack or harm is held for review; 0 is never."""
    suspend: float = Field(default=100.0, ge=0)
    """At so many, the key is suspended, or the tenant where no key is known; 0 is never."""
    suspend_s: float = Field(default=900.0, gt=0)
