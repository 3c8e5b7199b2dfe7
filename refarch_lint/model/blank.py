"""Values that are no values yet: what a later step fills in or decrypts before an object is applied."""

from __future__ import annotations

from typing import Final

#: Marks of envsubst and Flux, of Go, Jinja and ERB templates, and of SOPS.
_MARKS: Final = ("${", "{{", "<%", "ENC[")


def is_filled_in_later(value: object) -> bool:
    """Tell a value that is replaced before the object is applied from one that somebody meant."""
    return isinstance(value, str) and any(mark in value for mark in _MARKS)
