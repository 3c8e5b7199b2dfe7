"""The numbers of a report: what was found how often, and the verdicts per section."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from refarch_lint.evaluate.finding import Finding, Report, Verdict
from refarch_lint.report.wording import count
from refarch_lint.severity import Impact, Severity

#: The section of the rules on what keeps working when a pod or a node goes.
_OF_DISTURBANCES = "availability"


class Summary(NamedTuple):
    """How many findings count, by severity, and how many do not; assertions that could not be verified."""

    severities: dict[Severity, int]
    suppressed: int
    unverifiable: int

    def __str__(self) -> str:
        """Return `5 errors, 3 warnings, 1 info; 2 suppressed; 4 not verifiable`; what is zero after `;` is left out."""
        text = ", ".join(count(number, severity.value) for severity, number in self.severities.items())
        if self.suppressed:
            text += f"; {self.suppressed} suppressed"
        if self.unverifiable:
            text += f"; {self.unverifiable} not verifiable"
        return text


def summarize(report: Report) -> Summary:
    """Count the findings of a report."""
    active = Counter(finding.severity for finding in report.active)
    return Summary(
        severities={severity: active[severity] for severity in Severity},
        suppressed=sum(1 for finding in report.findings if finding.suppressed is not None),
        unverifiable=sum(len(outcome.unverifiable) for outcome in report.outcomes),
    )


def first_things(report: Report, limit: int = 3) -> list[tuple[Finding, int]]:
    """Return the findings to look at first, one a rule, each with how many there are like it.

    Errors come before warnings; within a severity what stops working comes first, then what loses data, then what is
    open to others, then what stops working at the next disturbance; then the rule with the most findings. Information
    is never among them.
    """
    rules = {rule.id: rule for rule in report.rules}
    by_rule: dict[str, list[Finding]] = {}
    for finding in report.active:
        if finding.severity is not Severity.INFO:
            by_rule.setdefault(finding.rule, []).append(finding)
    worst = [(min(found, key=lambda finding: finding.severity.rank), len(found)) for found in by_rule.values()]

    def urgency(item: tuple[Finding, int]) -> tuple[int, int, bool, int, str]:
        finding, number = item
        rule = rules.get(finding.rule)
        impact = rule.impact if rule else Impact.RISK
        is_fragile = impact is Impact.RISK and rule is not None and rule.section == _OF_DISTURBANCES
        return finding.severity.rank, impact.rank, not is_fragile, -number, finding.rule

    return sorted(worst, key=urgency)[:limit]


def verdicts_by_section(report: Report) -> dict[str, dict[Verdict, int]]:
    """Return how many items of each section have each verdict, sections in the order of the checklist."""
    sections: dict[str, dict[Verdict, int]] = {}
    for item in report.checklist:
        section = sections.setdefault(item.section, dict.fromkeys(Verdict, 0))
        section[item.verdict] += 1
    return sections
