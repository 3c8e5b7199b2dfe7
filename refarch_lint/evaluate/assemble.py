"""From what every rule said in every unit to one report: merged, suppressed, judged against the checklist, masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import NamedTuple

from refarch_lint import __version__
from refarch_lint.catalogue.rule import Rule
from refarch_lint.config import Settings
from refarch_lint.evaluate.context import RunContext
from refarch_lint.evaluate.engine import RuleResult
from refarch_lint.evaluate.finding import (
    Coverage,
    Finding,
    Help,
    Report,
    ResourceRef,
    RoleAssignment,
    RuleOutcome,
    Skipped,
    part_name,
)
from refarch_lint.evaluate.measuring import Fitted
from refarch_lint.evaluate.merging import Identity, Units, identity, merge_results
from refarch_lint.evaluate.scorecard import merge_scorecards, scorecards
from refarch_lint.evaluate.suppressed_findings import SUPPRESSION_RULE, suppressed
from refarch_lint.graph.kustomize_patching import Patched
from refarch_lint.graph.units import Partition, Unit
from refarch_lint.listing import listed
from refarch_lint.model.resource import Resource, mapping
from refarch_lint.model.schema_sources import nearest_version
from refarch_lint.model.version import parse_version
from refarch_lint.source.discovery import Discovered, InputFile
from refarch_lint.source.loading import FileContent, read_file

_UNITS_SHOWN = 3


class UnitRun(NamedTuple):
    """What a run found in one unit."""

    unit: Unit
    run: RunContext
    fitted: Fitted
    results: tuple[RuleResult, ...]


def assemble(
    runs: list[UnitRun],
    contents: tuple[FileContent, ...],
    resources: tuple[Resource, ...],
    discovered: Discovered,
    partition: Partition,
    written: Mapping[Resource, Resource],
) -> Report:
    """Return the report on all units of a run.

    `written` maps the objects that a kustomization patches or puts into a namespace to the objects as they stand in
    the tree.
    """
    settings, rules = runs[0].run.settings, [result.rule for result in runs[0].results]
    units = Units.of([run.unit.name for run in runs], [run.run.graph.variants for run in runs])
    results, told_by = merge_results([run.results for run in runs], units)
    findings, used = suppressed(results, contents, runs[0].run.catalogue, settings, resources, written)
    by_identity = {identity(finding): finding for finding in findings}
    cards = tuple(
        card
        for unit, run, _, found in runs
        for card in scorecards(unit.name, run, found, tuple(_of_unit(by_identity, found, told_by)))
    )
    return Report(
        version=__version__,
        profile=settings.profile,
        kubernetes_version=settings.kubernetes_version,
        findings=findings,
        rules=tuple(sorted((_help(rule) for rule in rules), key=lambda entry: entry.id)),
        outcomes=_outcomes(results, findings, used),
        checklist=merge_scorecards(cards, findings),
        architectures=tuple(fit for run in runs for fit in run.fitted.fits),
        roles=tuple(role for run in runs for role in _roles(run.unit, run.fitted)),
        coverage=Coverage(
            files=sum(content.is_open for content in contents),
            documents=sum(len(content.documents) + content.empty for content in contents),
            resources=len(resources),
            skipped=tuple(_skipped(discovered, partition, contents)),
            blank=bool(contents) and all(map(_is_blank, contents)),
        ),
        sources=_sources(findings, contents, resources, written),
        notes=(*_notes(partition.transformed, settings), *_unfitted(runs), *_empty(runs, settings)),
        units=cards,
    )


def _skipped(discovered: Discovered, partition: Partition, contents: tuple[FileContent, ...]) -> Iterator[Skipped]:
    """Yield what was not read, or not judged as it stands."""
    names = {content.name for content in contents}
    for item in discovered.skipped:
        yield Skipped(item.file, item.reason)
    for file in sorted(names.intersection(partition.patches)):
        yield Skipped(file, "patch or unused component of a kustomization: checked once it is rendered")
    for content in contents:
        for reason in content.unread:
            yield Skipped(content.name, reason)


def _is_blank(content: FileContent) -> bool:
    """Tell a file in which there is nothing from one that holds something else than objects, or cannot be read."""
    found = (mapping(item.data) for item in content.documents)
    return not content.problems and all(data.get("kind") == "List" and not data.get("items") for data in found)


def _notes(transformed: tuple[str, ...], settings: Settings) -> Iterator[str]:
    """Yield what a reader must know about how the tree was read."""
    asked = parse_version(settings.kubernetes_version)
    if (known := nearest_version(asked)) != asked:
        yield f"there are no schemas of Kubernetes {asked} here; fields are checked as Kubernetes {known} defines them"
    if transformed:
        shown = listed(transformed)
        advice = "to check the result: kubectl kustomize DIR | refarch-lint -"
        yield f"kustomizations do more than patch what they take in, which is checked without it ({shown}); {advice}"


def _unfitted(runs: list[UnitRun]) -> Iterator[str]:
    """Yield the units and applications that no architecture fits, with the one that comes closest."""
    found = [
        (part_name(unit.name, (), closest.application), closest)
        for unit, _, fitted, _ in runs
        for closest in fitted.closest
    ]
    for name, closest in found[:_UNITS_SHOWN]:
        where = "" if name in ("", ".") else f" {name}"
        nearest = f", {closest.id} comes closest with {round(100 * closest.fit)} %" if closest.fit else ""
        yield f"no reference architecture fits{where}{nearest}; the checklist is judged without one"
    if len(found) > _UNITS_SHOWN:
        yield f"nor does one fit {len(found) - _UNITS_SHOWN} more of the units"


def _empty(runs: list[UnitRun], settings: Settings) -> Iterator[str]:
    """Yield the applications to which no object belongs: a typing error must not read as a clean run."""
    parts = {part.application for unit in runs for part in unit.fitted.book.members}
    for application in settings.applications:
        if application.name not in parts:
            yield f"no object belongs to application {application.name} of the configuration"


def _of_unit(
    findings: Mapping[Identity, Finding], results: tuple[RuleResult, ...], told_by: Mapping[Identity, Identity]
) -> list[Finding]:
    """Return what counts for one unit, each finding as the report has it, suppressions applied."""
    own = dict.fromkeys(identity(finding) for result in results for finding in result.findings)
    reported = dict.fromkeys(told_by.get(key, key) for key in own)
    return [findings[key] for key in reported if key in findings]


def _sources(
    findings: tuple[Finding, ...],
    contents: tuple[FileContent, ...],
    resources: tuple[Resource, ...],
    written: Mapping[Resource, Resource],
) -> dict[str, tuple[str, ...]]:
    """Return the masked lines of the files that findings point into; a clean run reads none again.

    Not all of them are manifests: pipelines, documentation and the configuration are read here for their lines.
    """
    if not findings:
        return {}
    from refarch_lint.evaluate.masking import masked_lines

    shown = {finding.location.file for finding in findings}
    shown.update(note.location.file for finding in findings for note in finding.related)
    by_file: dict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        by_file[resource.document.file].append(resource)
    known = {content.name: content for content in contents}
    pages = (known.get(name) or read_file(InputFile(name, FilePath(name))) for name in sorted(shown))
    patched = [resource for resource in written if isinstance(resource, Patched)]
    return {page.name: masked_lines(page, by_file[page.name], patched) for page in pages if page.text}


def _outcomes(
    results: tuple[RuleResult, ...], findings: tuple[Finding, ...], used_suppressions: int
) -> tuple[RuleOutcome, ...]:
    failed: dict[str, int] = defaultdict(int)
    suppressed: dict[str, int] = defaultdict(int)
    for finding in findings:
        (suppressed if finding.suppressed else failed)[finding.rule] += 1
    return tuple(
        RuleOutcome(
            result.rule.id,
            used_suppressions if result.rule.id == SUPPRESSION_RULE else result.passed,
            failed[result.rule.id],
            suppressed[result.rule.id],
            result.unverifiable,
        )
        for result in results
    )


def _help(rule: Rule) -> Help:
    return Help(
        id=rule.id,
        title=rule.title,
        section=rule.section,
        severity=rule.severity,
        rationale=rule.rationale,
        remediation=rule.remediation,
        references=rule.references,
        checklist=rule.checklist,
        impact=rule.impact,
    )


def _roles(unit: Unit, fitted: Fitted) -> Iterator[RoleAssignment]:
    """Yield who plays which role in a unit; what several parts share is told with the first."""
    told: set[Resource] = set()
    for book in fitted.book.parts:
        for resource, item in book.assignments.items():
            if book.architecture is None or resource in told:
                continue
            told.add(resource)
            about = ResourceRef(resource.api_version, resource.kind, resource.namespace, resource.name)
            yield RoleAssignment(
                book.architecture.id, unit.name, item.role.id, about, item.place.locate(), item.reason, *book.part
            )
