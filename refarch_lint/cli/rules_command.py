"""`refarch-lint rules`: the catalogue as a table or as JSON; `rules check DIR` tests a folder of own rules."""

from __future__ import annotations

import json
import sys
from pathlib import Path as FilePath

import click

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.catalogue.rule import Rule
from refarch_lint.cli.options import settings_from
from refarch_lint.cli.plain import plain
from refarch_lint.evaluate.own_rules import catalogue_with


@click.command("rules", short_help="List the rules.")
@click.argument("action", required=False, type=click.Choice(["check"]), metavar="[check]")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False), metavar="[DIR]")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="Form of the list.")
@click.option("--config", "config_file", type=click.Path(exists=True, dir_okay=False), help="Configuration file.")
@click.option("--debug", is_flag=True, help="Show a traceback where refarch-lint itself breaks down.")
def command(action: str | None, folder: str | None, form: str, config_file: str | None, debug: bool) -> int:
    """List every rule with section, severity and title.

    `refarch-lint rules check DIR` tests the rules in DIR against the fixtures in DIR/fixtures.
    """
    if action == "check":
        from refarch_lint.cli.rule_fixtures import check_folder

        return check_folder(FilePath(folder or "."))
    settings = settings_from((), config_file, None, None, None)
    catalogue = catalogue_with(settings.rule_folders)
    sys.stdout.write(as_json(catalogue) if form == "json" else as_table(catalogue))
    return 0


def as_table(catalogue: Catalogue) -> str:
    """Return the rules as a plain table."""
    from tabulate import tabulate

    rows = [
        (rule.id, catalogue.section_title(rule.section), _severity(rule), rule.title)
        for rule in catalogue.rules.values()
    ]
    table = tabulate(rows, headers=("rule", "section", "severity", "what holds when all is well"), tablefmt="simple")
    return f"{table}\n\n{len(rows)} rules. refarch-lint explain RULE tells why each matters and what to change.\n"


def _severity(rule: Rule) -> str:
    return rule.severity if rule.enabled else f"{rule.severity} (off)"


def as_json(catalogue: Catalogue) -> str:
    """Return the rules with every field, as a JSON array."""
    return json.dumps([plain(rule) for rule in catalogue.rules.values()], indent=2, ensure_ascii=False) + "\n"
