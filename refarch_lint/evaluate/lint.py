"""One run from paths to a report: read, build the graph, fit an architecture, ask every rule, judge the checklist."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.config import Settings
from refarch_lint.evaluate.assemble import UnitRun, assemble
from refarch_lint.evaluate.context import RunContext, Shared
from refarch_lint.evaluate.engine import evaluate_rules
from refarch_lint.evaluate.finding import Report
from refarch_lint.evaluate.fit import fit_architecture
from refarch_lint.evaluate.own_rules import catalogue_with
from refarch_lint.evaluate.own_settings import check_settings
from refarch_lint.evaluate.selecting import selected_rules
from refarch_lint.graph.elsewhere import surroundings
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.units import deployed, partition
from refarch_lint.model.resource import Resource, resources_of
from refarch_lint.severity import Severity
from refarch_lint.source.beside import FilesBeside
from refarch_lint.source.discovery import Discovered, discover
from refarch_lint.source.loading import FileContent, read_file
from refarch_lint.source.yaml_reader import YamlReader


def lint(
    paths: Sequence[str],
    settings: Settings | None = None,
    catalogue: Catalogue | None = None,
    stdin: Callable[[], bytes] | None = None,
) -> Report:
    """Return the report on the manifests below `paths`; `-` reads `stdin`.

    Raises UsageError for a path, profile, architecture or selection that does not exist, ConfigurationError for what
    the configuration names in vain, RuleFileError for faults in the project's own rules, and RuleCrashError where a
    rule breaks down.
    """
    settings = settings or Settings()
    catalogue = catalogue or catalogue_with(settings.rule_folders)
    check_settings(settings, catalogue)
    discovered = discover(paths, stdin=stdin, exclude=settings.exclude, exclude_named=settings.exclude_named)
    reader = YamlReader()
    contents = tuple(read_file(file, reader) for file in discovered.files)
    return evaluate(contents, discovered, settings, catalogue)


def read_resources(contents: Iterable[FileContent], settings: Settings) -> tuple[Resource, ...]:
    """Return every object in the files' documents, in reading order."""
    return tuple(
        resource
        for content in contents
        for document in content.documents
        for resource in resources_of(document, settings.default_namespace)
    )


def evaluate(
    contents: tuple[FileContent, ...], discovered: Discovered, settings: Settings, catalogue: Catalogue
) -> Report:
    """Return the report on files that have been read: every unit is judged as a whole of its own."""
    resources = read_resources(contents, settings)
    parts = partition(contents, resources)
    units = parts.units
    rules = selected_rules(catalogue, settings)
    first = units[0].name
    unplaced = frozenset(content.name for content in contents).difference(*(unit.files for unit in units))
    moved: dict[tuple[Resource, str], Resource] = {}
    beside = FilesBeside(contents)
    per_unit = [deployed(unit, resources, moved, beside) for unit in units]
    left = (item for item in resources if item.document.file in unplaced)
    shared = Shared(settings, tuple(dict.fromkeys(chain(*per_unit, left))))
    runs = []
    for unit, members, elsewhere in zip(units, per_unit, surroundings(units, per_unit), strict=True):
        graph = ResourceGraph(members, settings.external, elsewhere)
        fitted = fit_architecture(graph, catalogue, settings, unit.name)
        readable = unit.files | unplaced if unit.name == first else unit.files
        files = tuple(content for content in contents if content.name in readable)
        run = RunContext(graph, fitted.book, catalogue, settings, files, shared, unit)
        runs.append(UnitRun(unit, run, fitted, tuple(evaluate_rules(rules, run))))
    return assemble(
        runs, contents, resources, discovered, parts, {item: written for (written, _), item in moved.items()}
    )


def failed(report: Report, threshold: Severity) -> bool:
    """Tell whether a report has a finding that counts at or above a severity."""
    return any(finding.severity.at_least(threshold) for finding in report.active)
