"""Many names in few words: the first of them, and how many more there are."""

from __future__ import annotations

from collections.abc import Sequence

#: So many names are written out in a message.
SHOWN_NAMES = 3


def listed(names: Sequence[object], most: int = SHOWN_NAMES) -> str:
    """Return the first names and, where there are more, their number: `a, b, c and 2 more`."""
    more = len(names) - most
    return ", ".join(map(str, names[:most])) + (f" and {more} more" if more > 0 else "")
