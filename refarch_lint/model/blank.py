"""Values that are no values yet: what a later step fills in or decrypts before an object is applied."""

from __future__ import annotations


def is_filled_in_later(value: object) -> bool:
    """Tell a value that is replaced before the object is applied from one that somebody meant.

    The marks are those of envsubst and Flux, of Go, Jinja and ERB templates, and of SOPS.
    """
    return isinstance(value, str) and ("${" in value or "{{" in value or "<%" in value or "ENC[" in value)
