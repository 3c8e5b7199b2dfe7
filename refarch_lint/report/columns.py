"""Text as a terminal shows it: how wide it is, without what could steer the terminal or deceive the reader."""

from __future__ import annotations

import re
import unicodedata

from refarch_lint.regex import regex

TAB_WIDTH = 4

_REPLACEMENT = "\ufffd"

#: Control characters become their pictures; C1 and bidirectional controls, noncharacters, lone surrogates U+FFFD.
_UNPRINTABLE = regex(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_SURROGATE = regex("[\ud800-\udfff]")


def printable(text: str) -> str:
    """Return `text` safe to print on one line: line breaks and tabs become spaces, other controls become visible.

    Names and values come from manifests that anybody may have written: an escape sequence must not reach a terminal,
    and a right-to-left override must not reorder what is read.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNPRINTABLE.sub(_visible, text)


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    if character in "\t\n\r":
        return " "
    if character == "\x7f":
        return "\u2421"
    return chr(0x2400 + ord(character)) if character < " " else _REPLACEMENT


def encodable(text: str) -> str:
    """Return `text` with lone surrogates, which no encoding can write, replaced by U+FFFD."""
    return text if text.isascii() else _SURROGATE.sub(_REPLACEMENT, text)


def character_width(character: str) -> int:
    """Return how many columns a character takes: 2 if wide (UAX #11), 0 if it combines with the one before, else 1."""
    if character.isascii():
        return 1
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def text_width(text: str) -> int:
    """Return how many columns a printable text takes."""
    return len(text) if text.isascii() else sum(map(character_width, text))


def pad(text: str, width: int) -> str:
    """Return `text` filled with spaces to `width` columns."""
    return text + " " * (width - text_width(text))


def crop(text: str, width: int) -> str:
    """Return `text` in at most `width` columns, with an ellipsis where it was cut."""
    if text_width(text) <= width:
        return text
    shown, used = "", 0
    for character in text:
        used += character_width(character)
        if used > width - 1:
            break
        shown += character
    return shown.rstrip() + "…"


def expand(text: str) -> str:
    """Return a source line as it is shown: tabs as `TAB_WIDTH` spaces each, everything else printable."""
    return printable(text.replace("\t", " " * TAB_WIDTH))
