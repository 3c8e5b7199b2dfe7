"""The other places of a finding where a person reads: the first few, and how many more there are."""

from __future__ import annotations

from collections.abc import Sequence

from refarch_lint.evaluate.finding import Related
from refarch_lint.report.wording import count

#: So many other places of a finding are shown; a missing object may be named in hundreds of files.
SHOWN_PLACES = 3


def first_places(places: Sequence[Related]) -> tuple[Sequence[Related], str]:
    """Return the first places and, where there are more, words for the rest: `and 12 more places`."""
    hidden = len(places) - SHOWN_PLACES
    return places[:SHOWN_PLACES], f"and {count(hidden, 'more place')}" if hidden > 0 else ""


def place_lines(places: Sequence[Related]) -> list[str]:
    """Return a line for each of the first places and, where there are more, one for the rest."""
    shown, more = first_places(places)
    return [f"{place.location}: {place.message}" for place in shown] + ([more] if more else [])
