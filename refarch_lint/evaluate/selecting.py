"""Which rules run: those switched on, narrowed by what the command line and the configuration select and ignore."""

from __future__ import annotations

from collections.abc import Iterable

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.catalogue.rule import Rule
from refarch_lint.config import Settings
from refarch_lint.errors import UsageError
from refarch_lint.wildcards import fits_glob


def selected_rules(catalogue: Catalogue, settings: Settings) -> tuple[Rule, ...]:
    """Return the rules that run, in catalogue order.

    Raises UsageError for a selection that fits no rule, or leaves none to run: neither must read as a clean run.
    """
    for pattern in (*settings.select, *settings.ignore):
        if not any(fits(rule, pattern) for rule in catalogue.rules.values()):
            raise UsageError(f"no rule or section fits {pattern!r}; see refarch-lint rules")
    chosen = tuple(rule for rule in catalogue.rules.values() if _is_chosen(rule, settings))
    if not chosen:
        raise UsageError("no rule is left to run: all that are selected are ignored or switched off")
    return chosen


def _is_chosen(rule: Rule, settings: Settings) -> bool:
    severity = settings.severities.get(rule.id, rule.severity)
    if severity is None or _any(rule, settings.ignore):
        return False
    return _any(rule, settings.select) if settings.select else rule.enabled or rule.id in settings.severities


def _any(rule: Rule, patterns: Iterable[str]) -> bool:
    return any(fits(rule, pattern) for pattern in patterns)


def fits(rule: Rule, pattern: str) -> bool:
    """Tell whether a selection names a rule: its section, its id, or a glob on its id."""
    return pattern == rule.section or fits_glob(rule.id, pattern)
