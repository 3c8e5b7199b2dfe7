"""Globs over names: `*` stands for any text, `?` for one character, `[…]` for one of several."""

from __future__ import annotations

from fnmatch import fnmatchcase


def fits_glob(text: str, pattern: str) -> bool:
    """Tell what `fnmatch.fnmatchcase` tells; a glob with `*` at its ends only, as most are, is not compiled."""
    core = pattern.strip("*")
    if "*" in core or "?" in core or "[" in core:
        return fnmatchcase(text, pattern)
    if len(core) == len(pattern):
        return text == pattern
    if pattern[0] != "*":
        return text.startswith(core)
    return core in text if pattern[-1] == "*" else text.endswith(core)
