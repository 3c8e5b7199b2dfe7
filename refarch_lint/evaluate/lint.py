"""One run from paths to a report: read, build the graph, fit an architecture, ask every rule, judge the checklist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from refarch_lint import __version__
from refarch_lint.catalogue.catalogue import Catalogue, load_catalogue
from refarch_lint.catalogue.rule import Rule
from refarch_lint.config import Settings
from refarch_lint.errors import UsageError
from refarch_lint.evaluate.context import RunContext
from refarch_lint.evaluate.engine import RuleResult, evaluate_rules
from refarch_lint.evaluate.finding import (
    Coverage,
    Finding,
    Help,
    Report,
    ResourceRef,
    RoleAssignment,
    RuleOutcome,
    Skipped,
)
from refarch_lint.evaluate.fit import Fitted, fit_architecture
from refarch_lint.evaluate.scorecard import scorecard
from refarch_lint.evaluate.selecting import selected_rules
from refarch_lint.evaluate.suppressions import Mark, annotation_marks, apply_marks, comment_marks
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.model.resource import Resource, resources_of
from refarch_lint.severity import Severity
from refarch_lint.source.comments import comments
from refarch_lint.source.discovery import Discovered, discover
from refarch_lint.source.loading import FileContent, read_file

SUPPRESSION_RULE = "suppression-valid"
_SUPPRESSION_SIGN = "refarch-lint: ignore"


def lint(
    paths: Sequence[str],
    settings: Settings | None = None,
    catalogue: Catalogue | None = None,
    stdin: Callable[[], bytes] | None = None,
) -> Report:
    """Return the report on the manifests below `paths`; `-` reads `stdin`.

    Raises UsageError for a path, profile, architecture or selection that does not exist, RuleFileError for faults in
    the project's own rules, and RuleCrashError where a rule breaks down.
    """
    settings = settings or Settings()
    catalogue = catalogue or load_catalogue(settings.rule_folders)
    _check(settings, catalogue)
    discovered = discover(paths, stdin=stdin, exclude=settings.exclude)
    contents = tuple(read_file(file) for file in discovered.files)
    return evaluate(contents, discovered, settings, catalogue)


def _check(settings: Settings, catalogue: Catalogue) -> None:
    for profile in (settings.profile, *(choice.profile for choice in settings.profile_choices)):
        if profile not in catalogue.profiles:
            raise UsageError(f"no profile {profile!r}; known are {', '.join(catalogue.profiles)}")


def build_graph(contents: Iterable[FileContent], settings: Settings) -> ResourceGraph:
    """Return the graph of every object in the files' documents."""
    return ResourceGraph(
        (
            resource
            for content in contents
            for document in content.documents
            for resource in resources_of(document, settings.default_namespace)
        ),
        settings.external,
    )


def evaluate(
    contents: tuple[FileContent, ...], discovered: Discovered, settings: Settings, catalogue: Catalogue
) -> Report:
    """Return the report on files that have been read."""
    graph = build_graph(contents, settings)
    fitted = fit_architecture(graph, catalogue, settings)
    run = RunContext(graph, fitted.book, catalogue, settings, contents)
    rules = tuple(selected_rules(catalogue, settings))
    results = tuple(evaluate_rules(rules, run))
    findings, used = _suppress(results, contents, run)
    counted = _outcomes(results, findings, used)
    by_file: dict[str, list[Resource]] = defaultdict(list)
    for resource in graph.resources:
        by_file[resource.document.file].append(resource)
    shown = {finding.location.file for finding in findings}
    shown.update(note.location.file for finding in findings for note in finding.related)
    return Report(
        version=__version__,
        profile=settings.profile,
        kubernetes_version=settings.kubernetes_version,
        findings=findings,
        rules=tuple(sorted((_help(rule) for rule in rules), key=lambda entry: entry.id)),
        outcomes=counted,
        checklist=scorecard(run, results, findings),
        architectures=fitted.fits,
        roles=_roles(fitted),
        coverage=Coverage(
            files=len(contents),
            documents=sum(len(content.documents) + content.empty for content in contents),
            resources=len(graph.resources),
            skipped=tuple(Skipped(item.file, item.reason) for item in discovered.skipped),
        ),
        sources=_sources([content for content in contents if content.name in shown], by_file),
    )


def _sources(
    contents: list[FileContent], by_file: dict[str, list[Resource]]
) -> dict[str, tuple[str, ...]]:
    """Return the masked lines of the files that findings point into; a clean run reads none again."""
    if not contents:
        return {}
    from refarch_lint.evaluate.masking import masked_lines

    return {content.name: masked_lines(content, by_file[content.name]) for content in contents}


def _suppress(
    results: tuple[RuleResult, ...], contents: tuple[FileContent, ...], run: RunContext
) -> tuple[tuple[Finding, ...], int]:
    """Return all findings in the order of reports, suppressions applied and judged, and how many are in use."""
    by_key = {(*resource.id, resource.document.file): resource for resource in run.graph.resources}
    pairs = []
    for result in results:
        for finding in result.findings:
            about = finding.resource
            key = (
                (about.api_version.rpartition("/")[0], about.kind, about.namespace, about.name, finding.location.file)
                if about
                else None
            )
            pairs.append((finding, by_key.get(key) if key else None))
    ran = frozenset(result.rule.id for result in results)
    findings, faults, used = apply_marks(pairs, _marks(contents, run), run.settings, ran)
    if SUPPRESSION_RULE in ran:
        rule = run.catalogue.rules[SUPPRESSION_RULE]
        severity = run.settings.severities.get(rule.id) or rule.severity
        findings += tuple(Finding(rule.id, severity, fault.message, None, (), fault.location) for fault in faults)
    return tuple(sorted(findings, key=_order)), used


def _order(finding: Finding) -> tuple[object, ...]:
    span = finding.location.span
    return (finding.location.file, span.start, finding.rule, finding.message, span.end)


def _marks(contents: tuple[FileContent, ...], run: RunContext) -> Iterator[Mark]:
    for content in contents:
        if _SUPPRESSION_SIGN in content.text:
            yield from comment_marks(content.name, comments(content, _SUPPRESSION_SIGN), len(content.lines))
    for resource in run.graph.resources:
        yield from annotation_marks(resource, run.graph.workload(resource))


def _outcomes(
    results: tuple[RuleResult, ...], findings: tuple[Finding, ...], used_suppressions: int
) -> tuple[RuleOutcome, ...]:
    failed: dict[str, int] = defaultdict(int)
    suppressed: dict[str, int] = defaultdict(int)
    for finding in findings:
        (suppressed if finding.suppressed else failed)[finding.rule] += 1
    return tuple(
        RuleOutcome(
            rule.id,
            used_suppressions if rule.id == SUPPRESSION_RULE else passed,
            failed[rule.id],
            suppressed[rule.id],
            unverifiable,
        )
        for rule, _, passed, unverifiable in results
    )


def _help(rule: Rule) -> Help:
    return Help(
        rule.id,
        rule.title,
        rule.section,
        rule.severity,
        rule.rationale,
        rule.remediation,
        rule.references,
        rule.checklist,
    )


def _roles(fitted: Fitted) -> tuple[RoleAssignment, ...]:
    book = fitted.book
    if book.architecture is None:
        return ()
    return tuple(
        RoleAssignment(
            book.architecture.id,
            ".",
            item.role.id,
            ResourceRef(resource.api_version, resource.kind, resource.namespace, resource.name),
            item.place.locate(),
            item.reason,
        )
        for resource, item in book.assignments.items()
    )


def failed(report: Report, threshold: Severity) -> bool:
    """Tell whether a report has a finding that counts at or above a severity."""
    return any(finding.severity.at_least(threshold) for finding in report.active)


def without_location(report: Report) -> Report:
    """Return a report without source lines, for those who keep reports and not sources."""
    return replace(report, sources={})
