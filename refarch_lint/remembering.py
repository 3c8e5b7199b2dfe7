"""Answers that are asked for again in object after object: each is worked out once, up to a bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

#: So many answers of one function are kept; the one that was not asked for longest goes first.
_MOST: Final = 8192


def remembered(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function of hashable arguments that remembers its answers."""
    return cast("Callable[P, T]", lru_cache(maxsize=_MOST)(function))
