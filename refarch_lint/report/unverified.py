"""Why what could not be verified could not: one reason for all rules and objects that share it."""

from __future__ import annotations

from typing import NamedTuple

from refarch_lint.evaluate.finding import Report
from refarch_lint.regex import regex

#: The object that a reason is about, and the container of it.
_SUBJECT = regex(r"\b[A-Z]\w+/\S+|\bcontainer \S+")


class Reason(NamedTuple):
    """A reason, the rules that give it, and how many objects it is given for."""

    reason: str
    rules: tuple[str, ...]
    number: int


def unverified(report: Report, apart: bool = False) -> tuple[Reason, ...]:
    """Return the reasons of a report, sorted by rule; what differs only in its object is one, unless kept `apart`."""
    found: dict[str, dict[str, list[str]]] = {}
    for outcome in report.outcomes:
        for reason in outcome.unverifiable:
            shape = reason if apart else _SUBJECT.sub("*", reason)
            found.setdefault(shape, {}).setdefault(outcome.rule, []).append(reason)
    reasons = (
        Reason(min(given[min(given)]), tuple(sorted(given)), max(len(set(texts)) for texts in given.values()))
        for given in found.values()
    )
    return tuple(sorted(reasons, key=lambda item: (item.rules, item.reason)))
