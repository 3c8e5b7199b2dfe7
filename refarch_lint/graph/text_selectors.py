"""Selectors of labels in one line of text, as `kubectl -l` and kustomize take them: `app in (web, api),!old`.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from refarch_lint.regex import regex

_COMMA = regex(r",(?![^()]*\))")
_TERM = regex(
    r"\s*(?P<absent>!?)\s*(?P<key>[^\s=!(),<>]+)\s*"
    r"(?:(?P<sign>==?|!=)\s*(?P<value>[^\s=!(),]*)|(?P<word>in|notin)\s*\((?P<values>[^()]*)\))?\s*"
)


class Term(NamedTuple):
    """One term of a selector: a key with one of some values, None for any; or, `negated`, without them."""

    key: str
    values: frozenset[str] | None = None
    negated: bool = False

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels meet the term."""
        has_it = self.key in labels and (self.values is None or labels[self.key] in self.values)
        return has_it != self.negated


def parse_terms(text: str) -> tuple[Term, ...]:
    """Return the terms of a selector, all of which have to hold; ValueError for a text that is none."""
    return tuple(_term(part) for part in _COMMA.split(text)) if text.strip() else ()


def _term(text: str) -> Term:
    found = _TERM.fullmatch(text)
    if found is None or (found["absent"] and (found["sign"] or found["word"])):
        raise ValueError(f"{text.strip()!r} is no term of a selector")
    if found["sign"]:
        return Term(found["key"], frozenset({found["value"]}), found["sign"] == "!=")
    if found["word"]:
        values = frozenset(value.strip() for value in found["values"].split(","))
        return Term(found["key"], values, found["word"] == "notin")
    return Term(found["key"], negated=bool(found["absent"]))
