"""What a disguise is: a way to write a text so that rules do not see what readers do."""

from typing import Protocol

from streams.screening.detector import Hit
from streams.screening.view import View


class Disguise(Protocol):
    """Sees through one way of hiding. Runs are bounded, and each is known by itself and the character before it, so
    that a stream sees through what the whole text has seen through.

    ``trigger`` (RE2) matches in each find, so that plain texts cost nothing.
    """

    @property
    def name(self) -> str: ...

    @property
    def trigger(self) -> str: ...

    def view(self, source: View) -> View | None:
        """The text seen through; ``None`` where there is nothing to see through."""
        ...

    def opened(self, source: View) -> int:
        """From where on the text may still become a run, or a longer one."""
        ...

    def finds(self, entity: str) -> bool:
        """Whether this is looked for under the disguise."""
        ...

    def admits(self, hit: Hit, view: View) -> bool:
        """Whether a hit in the view, in its places, is one: it is of this disguise, and sure enough under it."""
        ...
