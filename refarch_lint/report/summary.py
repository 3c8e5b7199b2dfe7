"""The numbers of a report: what was found how often, and the verdicts per section."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from refarch_lint.evaluate.finding import Report, Verdict
from refarch_lint.report.wording import count
from refarch_lint.severity import Severity


@dataclass(frozen=True, slots=True)
class Summary:
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


def worst_rules(report: Report, limit: int = 3) -> list[tuple[str, int]]:
    """Return the rules with findings, worst severity first, then most findings, then by id; at most `limit`."""
    counts = Counter(finding.rule for finding in report.active)
    ranks: dict[str, int] = {}
    for finding in report.active:
        ranks[finding.rule] = min(finding.severity.rank, ranks.get(finding.rule, finding.severity.rank))
    order = sorted(counts, key=lambda rule: (ranks[rule], -counts[rule], rule))
    return [(rule, counts[rule]) for rule in order[:limit]]


def verdicts_by_section(report: Report) -> dict[str, dict[Verdict, int]]:
    """Return how many items of each section have each verdict, sections in the order of the checklist."""
    sections: dict[str, dict[Verdict, int]] = {}
    for item in report.checklist:
        section = sections.setdefault(item.section, dict.fromkeys(Verdict, 0))
        section[item.verdict] += 1
    return sections
