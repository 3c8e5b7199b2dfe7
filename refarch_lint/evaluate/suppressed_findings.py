"""The findings of a run against all suppressions of its tree, and what is wrong with these as findings of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from refarch_lint.catalogue.catalogue import Catalogue
from refarch_lint.config import Settings
from refarch_lint.evaluate.engine import RuleResult
from refarch_lint.evaluate.finding import Finding
from refarch_lint.evaluate.fingerprint import distinct, file_fingerprint
from refarch_lint.evaluate.suppressions import Fault, Mark, annotation_marks, apply_marks, comment_marks
from refarch_lint.graph.kustomize_patching import Patched
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import workload_of
from refarch_lint.severity import Severity
from refarch_lint.source.loading import FileContent

SUPPRESSION_RULE = "suppression-valid"
_SUPPRESSION_SIGN = "refarch-lint: ignore"


def suppressed(
    results: tuple[RuleResult, ...],
    contents: tuple[FileContent, ...],
    catalogue: Catalogue,
    settings: Settings,
    resources: tuple[Resource, ...],
    written: Mapping[Resource, Resource],
) -> tuple[tuple[Finding, ...], int]:
    """Return all findings in the order of reports, suppressions applied and judged, and how many are in use."""
    pairs = _with_objects(results, resources, written)
    ran = frozenset(result.rule.id for result in results)
    findings, faults, used = apply_marks(pairs, _marks(contents, resources), settings, ran, frozenset(catalogue.rules))
    if SUPPRESSION_RULE in ran:
        rule = catalogue.rules[SUPPRESSION_RULE]
        severity = settings.severities.get(rule.id) or rule.severity
        findings += tuple(_of_suppression(fault, severity) for fault in faults)
    return distinct(sorted(findings, key=_order)), used


def _with_objects(
    results: tuple[RuleResult, ...], resources: tuple[Resource, ...], written: Mapping[Resource, Resource]
) -> Iterator[tuple[Finding, tuple[Resource, ...]]]:
    """Yield each finding with the objects whose annotations speak of it: in its file, or patched from there."""
    by_key = {(*item.id, item.document.file): original for item, original in written.items()}
    by_key |= {(*resource.id, resource.document.file): resource for resource in resources}
    patched = {
        (*item.id, file): original
        for item, original in written.items()
        if isinstance(item, Patched)
        for file in item.files
    }
    for result in results:
        for finding in result.findings:
            about, found = finding.resource, []
            if about is not None:
                group = about.api_version.rpartition("/")[0]
                key = (group, about.kind, about.namespace, about.name, finding.location.file)
                found = [known[key] for known in (by_key, patched) if key in known]
            yield finding, tuple(found)


def _of_suppression(fault: Fault, severity: Severity) -> Finding:
    fingerprint = file_fingerprint(SUPPRESSION_RULE, fault.location.file, fault.message)
    return Finding(SUPPRESSION_RULE, severity, fault.message, None, (), fault.location, fingerprint=fingerprint)


def _order(finding: Finding) -> tuple[object, ...]:
    span = finding.location.span
    return (finding.location.file, span.start, finding.rule, finding.message, span.end)


def _marks(contents: tuple[FileContent, ...], resources: tuple[Resource, ...]) -> Iterator[Mark]:
    for content in contents:
        if _SUPPRESSION_SIGN in content.text:
            from refarch_lint.source.comments import comments

            yield from comment_marks(content.name, comments(content), len(content.lines))
    for resource in resources:
        yield from annotation_marks(resource, workload_of(resource))
