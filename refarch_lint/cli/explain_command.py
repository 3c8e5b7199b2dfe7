"""`refarch-lint explain RULE`: what a rule wants, why it matters, what to change."""

from __future__ import annotations

import difflib
import sys
import textwrap

import click

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.catalogue.rule import Rule
from refarch_lint.cli.options import settings_from
from refarch_lint.errors import UsageError
from refarch_lint.evaluate.own_rules import catalogue_with


@click.command("explain", short_help="Explain a rule.")
@click.argument("rule_id", metavar="RULE")
@click.option("--config", "config_file", type=click.Path(exists=True, dir_okay=False), help="Configuration file.")
@click.option("--debug", is_flag=True, help="Show a traceback where refarch-lint itself breaks down.")
def command(rule_id: str, config_file: str | None, debug: bool) -> int:
    """Explain a rule: what holds when all is well, why it matters, what to change, and its parameters."""
    catalogue = catalogue_with(settings_from((), config_file, None, None, None).rule_folders)
    rule = catalogue.rules.get(rule_id)
    if rule is None:
        near = difflib.get_close_matches(rule_id, catalogue.rules, n=3, cutoff=0.4)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; see refarch-lint rules"
        raise UsageError(f"no rule {rule_id!r}{hint}")
    sys.stdout.write(explanation(rule, catalogue))
    return 0


def explanation(rule: Rule, catalogue: Catalogue) -> str:
    """Return everything about a rule, wrapped for a terminal."""
    state = "" if rule.enabled else ", runs only when selected"
    item = next((item for item in catalogue.items if item.id == rule.checklist), None)
    parts = [
        f"{rule.id}: {rule.title}",
        f"{rule.severity}, section {catalogue.section_title(rule.section)}{state}",
        f"Checklist: {item.title}" if item else "",
        "",
        _wrapped(rule.rationale),
        "",
        _wrapped(f"What to change: {rule.remediation}"),
    ]
    if rule.parameters:
        parts += ["", "Parameters:"]
        for name, parameter in rule.parameters.items():
            parts.append(_wrapped(f"{name} (default {parameter.default!r}): {parameter.description}", "  "))
    if rule.references:
        parts += ["", "See:", *(f"  {reference}" for reference in rule.references)]
    parts += ["", f"Suppress one finding: # refarch-lint: ignore[{rule.id}] the reason"]
    return "\n".join(part for index, part in enumerate(parts) if part or index != 2) + "\n"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(" ".join(text.split()), 96, initial_indent=indent, subsequent_indent=indent)
