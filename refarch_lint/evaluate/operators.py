"""The closed set of operators by which conditions and field assertions compare values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final


class _Missing:
    """The value of a field that is not there; distinct from null."""

    def __repr__(self) -> str:
        return "nothing"


MISSING: Final = _Missing()


def _exists(actual: Any, _: Any) -> bool:
    return actual is not MISSING and actual is not None


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _at_least(actual: Any, expected: Any) -> bool:
    left, right = _number(actual), _number(expected)
    return left is not None and right is not None and left >= right


def _at_most(actual: Any, expected: Any) -> bool:
    left, right = _number(actual), _number(expected)
    return left is not None and right is not None and left <= right


def _more_than(actual: Any, expected: Any) -> bool:
    left, right = _number(actual), _number(expected)
    return left is not None and right is not None and left > right


def _matches(actual: Any, expected: Any) -> bool:
    return isinstance(actual, str) and re.search(str(expected), actual) is not None


def _equals(actual: Any, expected: Any) -> bool:
    return type(actual) is type(expected) and bool(actual == expected)


def _within(actual: Any, expected: Any) -> bool:
    return isinstance(expected, list | tuple) and any(_equals(actual, item) for item in expected)


OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "exists": _exists,
    "absent": lambda actual, expected: not _exists(actual, expected),
    "equals": _equals,
    "not-equals": lambda actual, expected: not _equals(actual, expected),
    "in": _within,
    "not-in": lambda actual, expected: not _within(actual, expected),
    "at-least": _at_least,
    "at-most": _at_most,
    "more-than": _more_than,
    "matches": _matches,
    "not-matches": lambda actual, expected: not _matches(actual, expected),
    "not-empty": lambda actual, _: actual is not MISSING and actual not in (None, "", [], {}),
}


def holds(operator: str, actual: Any, expected: Any) -> bool:
    """Tell whether `actual <operator> expected`; an absent or mistyped value satisfies only the negative operators."""
    return OPERATORS[operator](actual, expected)
