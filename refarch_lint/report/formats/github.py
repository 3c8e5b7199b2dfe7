"""GitHub Actions workflow commands: findings as annotations on the lines of a pull request.

GitHub shows ten errors and ten warnings per step; the rest only in the log.
"""

from __future__ import annotations

from refarch_lint.evaluate.finding import Finding, Report
from refarch_lint.report.columns import encodable, printable
from refarch_lint.report.options import RenderOptions
from refarch_lint.report.related import place_lines
from refarch_lint.report.summary import summarize
from refarch_lint.severity import Severity

_COMMANDS: dict[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, options: RenderOptions) -> str:
    """Return one command per finding, worst first, so that the worst are among those shown, and the counts."""
    findings = sorted(report.active, key=lambda finding: finding.severity.rank)
    lines = [_command(finding) for finding in findings]
    return encodable("\n".join([*lines, f"refarch-lint: {summarize(report)}"])) + "\n"


def _command(finding: Finding) -> str:
    start, end = finding.location.span
    properties = {"title": f"refarch-lint ({finding.rule})", "file": finding.location.file, "line": start.line}
    if start.line == end.line:
        properties |= {"col": start.column, "endLine": end.line, "endColumn": end.column}
    else:
        properties |= {"endLine": end.line}
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    message = "\n".join([finding.message, *place_lines(finding.related)])
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
