"""What SARIF says about each rule: texts, links, level and the properties that GitHub code scanning reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refarch_lint.evaluate.finding import Help
from refarch_lint.severity import Severity

LEVELS: dict[Severity, str] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

_PROBLEM_SEVERITIES: dict[Severity, str] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "recommendation",
}

#: On CVSS's scale: high, medium, low; only rules of the security section have one, since it makes a security alert.
_SECURITY_SEVERITIES: dict[Severity, str] = {Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.INFO: "2.0"}

#: GitHub accepts no longer description and no longer name.
_MAX_DESCRIPTION = 1024
_MAX_NAME = 255


def descriptors(rules: Sequence[Help]) -> list[dict[str, Any]]:
    """Return a `reportingDescriptor` for each rule."""
    return [_descriptor(rule) for rule in rules]


def _descriptor(rule: Help) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": rule.id,
        "name": _name(rule.id),
        "shortDescription": {"text": _description(rule.title or rule.id)},
        "fullDescription": {"text": _description(rule.rationale or rule.title or rule.id)},
        "help": {"text": _help_text(rule), "markdown": _help_markdown(rule)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": _properties(rule),
    }
    if rule.references:
        shown["helpUri"] = rule.references[0]
    return shown


def _name(rule: str) -> str:
    """Return `pdb-covers-workload` as `PdbCoversWorkload`."""
    words = rule.replace("/", "-").replace("_", "-").split("-")
    return "".join(word[:1].upper() + word[1:] for word in words)[:_MAX_NAME]


def _description(text: str) -> str:
    """Return `text` as one paragraph that ends as a sentence and is no longer than GitHub takes."""
    line = " ".join(text.split())
    if not line.endswith((".", "!", "?")):
        line += "."
    return line if len(line) <= _MAX_DESCRIPTION else line[: _MAX_DESCRIPTION - 1].rstrip() + "…"


def _help_text(rule: Help) -> str:
    parts = [rule.remediation.strip(), rule.rationale.strip(), *rule.references]
    return "\n\n".join(part for part in parts if part) or rule.title or rule.id


def _help_markdown(rule: Help) -> str:
    parts = [f"**{rule.title or rule.id}** (`{rule.id}`)"]
    if rule.remediation:
        parts.append(f"### What to do\n\n{rule.remediation.strip()}")
    if rule.rationale:
        parts.append(f"### Why\n\n{rule.rationale.strip()}")
    if rule.references:
        parts.append("### References\n\n" + "\n".join(f"- <{reference}>" for reference in rule.references))
    if rule.checklist:
        parts.append(f"Checklist item: `{rule.checklist}`")
    return "\n\n".join(parts)


def _properties(rule: Help) -> dict[str, Any]:
    tags = [tag for tag in (rule.section, rule.checklist, "kubernetes") if tag]
    shown: dict[str, Any] = {
        "tags": list(dict.fromkeys(tags)),
        "precision": "high",
        "problem.severity": _PROBLEM_SEVERITIES[rule.severity],
    }
    if rule.section == "security":
        shown["security-severity"] = _SECURITY_SEVERITIES[rule.severity]
    return shown
