"""The one way in which reading a document fails: a reason and the place in its text."""

from __future__ import annotations

from typing import NamedTuple


def shortened(word: str) -> str:
    """Return a word of a document as a reason may show it."""
    return word if len(word) <= 40 else word[:39] + "…"


class Construct(NamedTuple):
    """What was being read when it failed (`while parsing a block mapping`), and where that began."""

    words: str
    start: int


class UnreadableError(Exception):
    """A document that cannot be read: the `reason` in words and the `index` (in code points) where it shows.

    A reason quotes no value, name or line of the document: it goes into reports, and what cannot be read may be secret.

    It never leaves `refarch_lint.source`: loading turns it into a problem of the file, and reads the other documents.
    """

    def __init__(self, reason: str, index: int, within: Construct | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.index = index
        self.within = within

    def moved(self, distance: int) -> UnreadableError:
        """Return the same failure, its places counted from `distance` characters further up."""
        within = self.within
        if within is not None:
            within = Construct(within.words, within.start + distance)
        return UnreadableError(self.reason, self.index + distance, within)
