"""ANSI styles by meaning, so that no reporter speaks of colours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

Meaning = Literal[
    "error", "warning", "info", "strong", "frame", "related", "hint", "pass", "fail", "attested", "doubt", "faint"
]

#: Paints a text with the style of a meaning.
Paint = Callable[[Meaning, str], str]

_CODES: dict[Meaning, str] = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "strong": "1",
    "frame": "1;34",
    "related": "1;34",
    "hint": "1;36",
    "pass": "32",
    "fail": "1;31",
    "attested": "36",
    "doubt": "33",
    "faint": "2",
}


def painter(color: bool) -> Paint:
    """Return the function that paints, or that leaves every text as it is."""
    return partial(_painted, color)


def _painted(color: bool, meaning: Meaning, text: str) -> str:
    return f"\x1b[{_CODES[meaning]}m{text}\x1b[0m" if color and text else text
