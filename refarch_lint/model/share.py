"""Amounts that the API takes as a number or as a percentage of a total."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

from refarch_lint.regex import regex

_PERCENTAGE = regex(r"([0-9]{1,9})%")


def share_of(value: object, total: int, *, up: bool) -> int | None:
    """Return an int-or-percent (IntOrString) of `total`, percentages rounded up or down; None for what is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    found = _PERCENTAGE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    exact = Fraction(int(found[1]) * total, 100)
    return ceil(exact) if up else floor(exact)
