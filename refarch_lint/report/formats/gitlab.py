"""GitLab Code Quality: an array of issues, for `artifacts: reports: codequality`."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from refarch_lint.evaluate.finding import Finding, Report
from refarch_lint.report.options import RenderOptions
from refarch_lint.report.serialization import json_text
from refarch_lint.severity import Severity

_SEVERITIES: dict[Severity, str] = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report, options: RenderOptions) -> str:
    """Return the findings as issues; GitLab drops an issue whose fingerprint it has seen, so each has its own."""
    seen: Counter[str] = Counter()
    issues = []
    for finding in report.active:
        identity = f"{finding.rule}\0{finding.location.file}\0{finding.fingerprint or finding.message}"
        issues.append(_issue(finding, f"{identity}\0{seen[identity]}"))
        seen[identity] += 1
    return json_text(issues)


def _issue(finding: Finding, identity: str) -> dict[str, Any]:
    start, end = finding.location.span
    return {
        "description": finding.message,
        "check_name": finding.rule,
        "fingerprint": hashlib.sha256(identity.encode("utf-8", "replace")).hexdigest(),
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": finding.location.file.removeprefix("./"),
            "positions": {
                "begin": {"line": start.line, "column": start.column},
                "end": {"line": end.line, "column": end.column},
            },
        },
    }
