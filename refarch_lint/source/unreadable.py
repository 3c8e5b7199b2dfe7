"""The one way in which reading a document fails: a reason and the place in its text."""

from __future__ import annotations


class UnreadableError(Exception):
    """A document that cannot be read: the `reason` in words and the `index` (in code points) where it shows.

    It never leaves `refarch_lint.source`: loading turns it into a problem of the file, and reads the other documents.
    """

    def __init__(self, reason: str, index: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.index = index
