"""`refarch-lint rules check DIR`: a folder of own rules, held against its own fixtures."""

from __future__ import annotations

from pathlib import Path as FilePath

import click

from refarch_lint.catalogue.catalogue import FIXTURES, catalogue_files, load_catalogue
from refarch_lint.cli import ExitCode
from refarch_lint.errors import UsageError
from refarch_lint.evaluate.own_rules import catalogue_with
from refarch_lint.evaluate.rule_fixtures import cases, faults_of
from refarch_lint.report.wording import count


def check_folder(folder: FilePath) -> int:
    """Check the rules of a folder and their fixtures, print what is wrong, and return an exit code.

    Raises RuleFileError for faults in the rule files themselves, and UsageError where there is nothing to check.
    """
    if next(catalogue_files(folder), None) is None:
        raise UsageError(f"no rule in {folder.as_posix()}: looked for files that end in .yaml or .yml")
    bundled, catalogue = load_catalogue(), catalogue_with((folder,))
    own = [rule for rule in catalogue.rules.values() if bundled.rules.get(rule.id) != rule]
    checked, faulty = 0, 0
    found = {rule.id: [case for case in cases(folder / FIXTURES, catalogue) if case.rule == rule.id] for rule in own}
    for rule in own:
        kinds = {case.passes for case in found[rule.id]}
        for kind, word in ((True, "pass"), (False, "fail")):
            if kind not in kinds:
                faulty += 1
                click.echo(f"{rule.id}: no {word} case in {(folder / FIXTURES / rule.id).as_posix()}")
        for case in found[rule.id]:
            checked += 1
            for fault in faults_of(case, catalogue):
                faulty += 1
                click.echo(f"{rule.id}/{case.path.name}: {fault}")
    click.echo(", ".join((count(len(own), "rule"), count(checked, "case"), count(faulty, "fault"))))
    return ExitCode.FINDINGS if faulty else ExitCode.CLEAN
