"""Small decisions about English: plurals, first sentences, percentages."""

from __future__ import annotations

import math

from refarch_lint.regex import regex

_SENTENCE_END = regex(r"(?<=[.!?])\s+(?=[A-Z`\"'(])")


def count(number: int, noun: str) -> str:
    """Return `1 error`, `2 errors`; a noun that has no plural is left as it is: `3 info`."""
    return f"{number} {noun}" if number == 1 or noun == "info" else f"{number} {noun}s"


def first_sentence(text: str) -> str:
    """Return the first sentence of a text on one line; a full stop inside a word (`v1.25`, `e.g. this`) ends none."""
    return _SENTENCE_END.split(" ".join(text.split()), maxsplit=1)[0]


def percent(share: float) -> str:
    """Return a share from 0 to 1 as whole percent, rounded down, so that only a perfect fit is 100 %."""
    return f"{math.floor(share * 100 + 1e-9)} %"


def capitalized(text: str) -> str:
    """Return `text` with its first letter in upper case and the rest as it is."""
    return text[:1].upper() + text[1:]
