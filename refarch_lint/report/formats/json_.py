"""The whole report as JSON for other programs, described by `schemas/report.schema.json`."""

from __future__ import annotations

from collections import Counter
from typing import Any

from refarch_lint.evaluate.finding import (
    ArchitectureFit,
    Coverage,
    Finding,
    ItemVerdict,
    Report,
    ResourceRef,
    RoleAssignment,
    RuleOutcome,
    Suppression,
    UnitScorecard,
    Verdict,
)
from refarch_lint.location import format_path
from refarch_lint.report.options import RenderOptions
from refarch_lint.report.serialization import json_text, location_json
from refarch_lint.report.summary import summarize, verdicts_by_section

#: The version of the format; it changes when something is removed or changes its meaning, not when something is added.
FORMAT_VERSION = "1"


def render(report: Report, options: RenderOptions) -> str:
    """Return the report as a JSON document."""
    return json_text(to_json(report))


def to_json(report: Report) -> dict[str, Any]:
    """Return the report as plain data."""
    outcomes = {outcome.rule: outcome for outcome in report.outcomes}
    return {
        "version": FORMAT_VERSION,
        "tool": {"name": "refarch-lint", "version": report.version},
        "profile": report.profile,
        "kubernetesVersion": report.kubernetes_version,
        "summary": _summary(report),
        "findings": [_finding(finding) for finding in report.findings],
        "architectures": [_architecture(fit) for fit in report.architectures],
        "roles": [_role(role) for role in report.roles],
        "checklist": [_item(item) for item in report.checklist],
        "units": [
            {
                **_part(card),
                "architecture": card.architecture or None,
                "checklist": [_item(item) for item in card.checklist],
            }
            for card in report.units
        ],
        "rules": [
            {
                "id": rule.id,
                "title": rule.title,
                "section": rule.section,
                "checklist": rule.checklist,
                "severity": rule.severity.value,
                **_outcome(outcomes.get(rule.id)),
            }
            for rule in report.rules
        ],
        "coverage": _coverage(report.coverage),
        "notes": list(report.notes),
    }


def _summary(report: Report) -> dict[str, Any]:
    summary = summarize(report)
    verdicts = Counter(item.verdict for item in report.checklist)
    return {
        "findings": sum(summary.severities.values()),
        **{severity.value: number for severity, number in summary.severities.items()},
        "suppressed": summary.suppressed,
        "unverifiable": summary.unverifiable,
        "checklist": {verdict.value: verdicts[verdict] for verdict in Verdict},
        "sections": {
            section: {verdict.value: number for verdict, number in counts.items()}
            for section, counts in verdicts_by_section(report).items()
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "resource": None if finding.resource is None else _resource(finding.resource),
        "path": format_path(finding.path),
        "location": location_json(finding.location),
        "related": [
            {"message": related.message, "location": location_json(related.location)} for related in finding.related
        ],
        "fingerprint": finding.fingerprint,
        "suppressed": None if finding.suppressed is None else _suppression(finding.suppressed),
    }


def _resource(resource: ResourceRef) -> dict[str, str]:
    return {
        "apiVersion": resource.api_version,
        "kind": resource.kind,
        "namespace": resource.namespace,
        "name": resource.name,
    }


def _suppression(suppression: Suppression) -> dict[str, Any]:
    return {
        "source": suppression.source,
        "reason": suppression.reason,
        "location": None if suppression.location is None else location_json(suppression.location),
    }


def _part(item: UnitScorecard | ArchitectureFit | RoleAssignment) -> dict[str, Any]:
    """Return which part of which unit something is about."""
    return {"unit": item.unit, "namespaces": list(item.namespaces), "application": item.application or None}


def _architecture(fit: ArchitectureFit) -> dict[str, Any]:
    return {
        "id": fit.id,
        **_part(fit),
        "fit": round(fit.fit, 4),
        "named": fit.named,
        "missing": list(fit.missing),
        "reasons": list(fit.reasons),
    }


def _role(role: RoleAssignment) -> dict[str, Any]:
    return {
        "architecture": role.architecture,
        **_part(role),
        "role": role.role,
        "resource": _resource(role.resource),
        "location": location_json(role.location),
        "reason": role.reason,
    }


def _item(item: ItemVerdict) -> dict[str, Any]:
    return {
        "id": item.id,
        "section": item.section,
        "title": item.title,
        "verdict": item.verdict.value,
        "evidence": list(item.evidence),
        "findings": item.findings,
        "rules": list(item.rules),
    }


def _outcome(outcome: RuleOutcome | None) -> dict[str, Any]:
    return {
        "passed": outcome.passed if outcome else 0,
        "failed": outcome.failed if outcome else 0,
        "suppressed": outcome.suppressed if outcome else 0,
        "unverifiable": list(outcome.unverifiable) if outcome else [],
    }


def _coverage(coverage: Coverage) -> dict[str, Any]:
    return {
        "files": coverage.files,
        "documents": coverage.documents,
        "resources": coverage.resources,
        "skipped": [{"file": skipped.file, "reason": skipped.reason} for skipped in coverage.skipped],
    }
