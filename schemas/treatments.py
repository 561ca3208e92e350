"""What is done with a finding, by how sure it is."""

from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field, StringConstraints

from schemas.base import Strict
from schemas.entities import canonical
from schemas.screening import Language, Measure


def _shorthand(value: Any) -> Any:
    """``email: redact`` means ``email: {action: redact}``."""
    return {"action": value} if isinstance(value, str) else value


class Variant(Strict):
    """What differs for texts in one language."""

    action: Measure | None = None
    threshold: float | None = Field(default=None, ge=0, le=1)


class Treatment(Strict):
    """The action on findings whose score reaches ``threshold``; those that only reach ``flag`` are pointed out."""

    action: Measure
    threshold: float = Field(default=0.5, ge=0, le=1)
    flag: float | None = Field(default=None, ge=0, le=1)
    languages: dict[Language, Annotated[Variant, BeforeValidator(_shorthand)]] = Field(default_factory=dict)

    @property
    def orders(self) -> set[Measure]:
        return {self.action} | {each.action for each in self.languages.values() if each.action}

    def within(self, language: Language) -> "Treatment":
        """As it stands for texts in a language."""
        variant = self.languages.get(language, Variant())
        threshold = self.threshold if variant.threshold is None else variant.threshold
        return Treatment(action=variant.action or self.action, threshold=threshold, flag=self.flag)

    def measure(self, score: float, language: Language | None = None) -> Measure | None:
        """What becomes of a finding, ``None`` below all that counts. Without a language the strictest that may hold."""
        if not self.languages:
            return self.action if score >= self.threshold else Measure.FLAG if self.doubts(score) else None
        each = [self.within(name).measure(score) for name in ([language] if language else get_args(Language))]
        return max((one for one in each if one), key=lambda one: one.severity, default=None)

    @property
    def noted(self) -> float:
        """The score from which a finding counts at all."""
        return self.threshold if self.flag is None else min(self.flag, self.threshold)

    def doubts(self, score: float) -> bool:
        """Whether a finding below the threshold is to be pointed out."""
        return self.flag is not None and self.flag <= score < self.threshold


Named = Annotated[str, BeforeValidator(canonical), StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
"""An entity, whatever its case, a category or a word list."""

Treatments = dict[Named, Annotated[Treatment, BeforeValidator(_shorthand)]]
