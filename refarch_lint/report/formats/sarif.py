"""SARIF 2.1.0 as GitHub code scanning reads it (OASIS SARIF 2.1.0; GitHub, "SARIF support for code scanning")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from refarch_lint.evaluate.finding import Finding, Help, Report, Suppression
from refarch_lint.location import Location, Span, format_path
from refarch_lint.regex import regex
from refarch_lint.report.line_hash import line_hashes
from refarch_lint.report.options import RenderOptions
from refarch_lint.report.sarif_rules import LEVELS, descriptors
from refarch_lint.report.serialization import json_text
from refarch_lint.report.wording import count

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

#: GitHub refuses a run with more results.
MAX_RESULTS = 25_000

#: So many related places are linked from a message; all are listed.
_LINKED_PLACES = 10

_SEMANTIC_VERSION = regex(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
_LINK = regex(r"\[(?=[^\]]*\]\()")
_ROOT = "%SRCROOT%"


def render(report: Report, options: RenderOptions) -> str:
    """Return the report as a SARIF log with one run."""
    shown = report.findings if options.sarif_suppressed else report.active
    kept = tuple(sorted(shown, key=lambda finding: finding.severity.rank)[:MAX_RESULTS])
    findings = shown if len(shown) <= MAX_RESULTS else kept
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report, findings, len(shown))]})


def _run(report: Report, findings: tuple[Finding, ...], found: int) -> dict[str, Any]:
    rules = descriptors(_helps(report))
    indexes = {rule["id"]: index for index, rule in enumerate(rules)}
    files = {finding.location.file for finding in findings}
    hashes = {file: line_hashes(report.sources[file]) for file in sorted(files) if file in report.sources}
    driver: dict[str, Any] = {"name": "refarch-lint", "version": report.version}
    if _SEMANTIC_VERSION.fullmatch(report.version):
        driver["semanticVersion"] = report.version
    return {
        "tool": {"driver": {**driver, "rules": rules}},
        "automationDetails": {"id": "refarch-lint/"},
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": _notifications(report, len(findings), found)}
        ],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which refarch-lint ran."}}},
        "columnKind": "unicodeCodePoints",
        "properties": {"profile": report.profile, "kubernetesVersion": report.kubernetes_version},
        "results": [_result(finding, indexes[finding.rule], hashes) for finding in findings],
    }


def _helps(report: Report) -> list[Help]:
    """Return every rule that ran or has a finding; one that is not described speaks through its finding."""
    helps = {rule.id: rule for rule in report.rules}
    for finding in report.findings:
        rule = finding.rule
        helps.setdefault(rule, Help(rule, rule, "", finding.severity, finding.message, "", (), ""))
    return [helps[rule] for rule in sorted(helps)]


def _notifications(report: Report, shown: int, found: int) -> list[dict[str, Any]]:
    """Return what a reader must know about the run itself: files not read, notes, results left out."""
    texts = [f"Skipped {skipped.file}: {skipped.reason}" for skipped in report.coverage.skipped]
    texts += report.notes
    if shown < found:
        texts.append(f"Left out {found - shown} of {found} results, the least severe: GitHub accepts {MAX_RESULTS}.")
    return [{"level": "note", "message": {"text": _sentence(text)}} for text in texts]


def _result(finding: Finding, index: int, hashes: Mapping[str, list[str]]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_primary_location(finding)],
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, **_physical(related.location), "message": {"text": related.message or "Related place."}}
            for number, related in enumerate(finding.related, 1)
        ]
    fingerprints = _fingerprints(finding, hashes)
    if fingerprints:
        result["partialFingerprints"] = fingerprints
    if finding.suppressed is not None:
        result["suppressions"] = [_suppression(finding.suppressed)]
    if finding.path:
        result["properties"] = {"path": format_path(finding.path)}
    return result


def _message(finding: Finding) -> str:
    """Return the message as sentences; links lead to the related places (SARIF 3.11.6)."""
    text = _LINK.sub(r"\\[", _sentence(finding.message))
    links = [
        f"[{_link_text(related.message)}]({number})"
        for number, related in enumerate(finding.related[:_LINKED_PLACES], 1)
    ]
    if (hidden := len(finding.related) - len(links)) > 0:
        links.append(f"and {count(hidden, 'more place')}")
    return f"{text} See {', '.join(links)}." if links else text


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _link_text(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", text) if text else "related place"


def _primary_location(finding: Finding) -> dict[str, Any]:
    location = _physical(finding.location)
    resource = finding.resource
    if resource is not None and resource.name:
        parts = (resource.namespace, resource.kind, resource.name)
        name = "/".join(part for part in parts if part)
        location["logicalLocations"] = [{"name": resource.name, "fullyQualifiedName": name, "kind": "resource"}]
    return location


def _physical(location: Location) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(location.file),
            "region": _region(location.span),
        }
    }


def _artifact(file: str) -> dict[str, str]:
    """Return a file as a percent-encoded URI (RFC 3986), relative to the base unless its path is absolute."""
    uri = quote(file.encode("utf-8", "replace").decode().removeprefix("./"), safe="/~")
    return {"uri": f"file://{uri}"} if uri.startswith("/") else {"uri": uri, "uriBaseId": _ROOT}


def _region(span: Span) -> dict[str, int]:
    """Return the region of a span; SARIF's end column is the one after the last character, as ours is."""
    return {
        "startLine": span.start.line,
        "startColumn": span.start.column,
        "endLine": span.end.line,
        "endColumn": span.end.column,
    }


def _fingerprints(finding: Finding, hashes: Mapping[str, list[str]]) -> dict[str, str]:
    fingerprints = {}
    lines = hashes.get(finding.location.file, [])
    if 1 <= finding.location.span.start.line <= len(lines):
        fingerprints["primaryLocationLineHash"] = lines[finding.location.span.start.line - 1]
    if finding.fingerprint:
        fingerprints["refarchLint/v1"] = finding.fingerprint
    return fingerprints


def _suppression(suppression: Suppression) -> dict[str, Any]:
    in_source = suppression.source in {"comment", "annotation"}
    shown: dict[str, Any] = {
        "kind": "inSource" if in_source else "external",
        "status": "accepted",
        "justification": suppression.reason,
    }
    if suppression.location is not None:
        shown["location"] = _physical(suppression.location)
    return shown
