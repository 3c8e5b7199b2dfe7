"""JUnit XML: one suite per file, one failed case per finding, as CI servers list test results."""

from __future__ import annotations

from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from refarch_lint.evaluate.finding import Finding, Report
from refarch_lint.report.columns import printable
from refarch_lint.report.options import RenderOptions
from refarch_lint.report.related import place_lines


def render(report: Report, options: RenderOptions) -> str:
    """Return the findings as failures; a report without findings holds one case that passed."""
    failures = len(report.active)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append(f'<testsuites name="refarch-lint" tests="{max(failures, 1)}" failures="{failures}" errors="0">')
    for file, findings in groupby(report.active, key=lambda finding: finding.location.file):
        lines += _suite(file, list(findings))
    if not failures:
        lines.append('  <testsuite name="refarch-lint" tests="1" failures="0" errors="0">')
        lines.append('    <testcase name="No findings" classname="refarch-lint"/>')
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(file: str, findings: list[Finding]) -> list[str]:
    name = quoteattr(printable(file))
    lines = [f'  <testsuite name={name} tests="{len(findings)}" failures="{len(findings)}" errors="0">']
    for finding in findings:
        start = finding.location.span.start
        case = quoteattr(f"refarch-lint.{finding.rule}")
        lines.append(f'    <testcase name={case} classname={name} line="{start.line}" column="{start.column}">')
        message, kind = quoteattr(printable(finding.message)), finding.severity.value
        lines.append(f'      <failure message={message} type="{kind}">{_text(finding)}</failure>')
        lines.append("    </testcase>")
    return [*lines, "  </testsuite>"]


def _text(finding: Finding) -> str:
    lines = [f"{finding.location}: {finding.message}", *place_lines(finding.related)]
    return escape("\n".join(map(printable, lines)))
