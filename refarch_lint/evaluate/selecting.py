"""Which rules run: those switched on, narrowed by what the command line and the configuration select and ignore."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.catalogue.rule import Rule
from refarch_lint.config import Settings
from refarch_lint.errors import UsageError


def selected_rules(catalogue: Catalogue, settings: Settings) -> Iterator[Rule]:
    """Yield the rules that run, in catalogue order.

    Raises UsageError for a selection that fits no rule: a typing error must not read as a clean run.
    """
    for pattern in (*settings.select, *settings.ignore):
        if not any(fits(rule, pattern) for rule in catalogue.rules.values()):
            raise UsageError(f"no rule or section fits {pattern!r}; see refarch-lint rules")
    for rule in catalogue.rules.values():
        chosen = _any(rule, settings.select) if settings.select else rule.enabled
        switched_on = settings.severities.get(rule.id, rule.severity) is not None
        if rule.id in settings.severities and settings.severities[rule.id] is not None and not settings.select:
            chosen = True
        if chosen and switched_on and not _any(rule, settings.ignore):
            yield rule


def _any(rule: Rule, patterns: Iterable[str]) -> bool:
    return any(fits(rule, pattern) for pattern in patterns)


def fits(rule: Rule, pattern: str) -> bool:
    """Tell whether a selection names a rule: its section, its id, or a glob on its id."""
    return pattern == rule.section or fnmatchcase(rule.id, pattern)
