"""Markdown for a pull request comment or a step summary: counts, architectures, scorecard, findings, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from refarch_lint.evaluate.finding import Finding, Help, ItemVerdict, Report, UnitScorecard, Verdict, part_name
from refarch_lint.report.markup import code_span, escape, table
from refarch_lint.report.options import RenderOptions
from refarch_lint.report.related import first_places
from refarch_lint.report.scorecard import section_title
from refarch_lint.report.summary import summarize, verdicts_by_section
from refarch_lint.report.wording import capitalized, count, percent

#: GitHub refuses a comment of more than 65,536 characters; what does not fit is counted, not shown.
_MAX_CHARACTERS = 60_000

#: Room kept for what is to be done about each rule.
_HELP_CHARACTERS = 15_000

#: Room for the scorecards of the units, where there are several.
_CARD_CHARACTERS = 20_000


def render(report: Report, options: RenderOptions) -> str:
    """Return the report as GitHub Flavored Markdown."""
    parts = [f"## refarch-lint: {summarize(report)}", _scope(report)]
    if not options.quiet:
        parts += _architectures(report)
        parts += _checklist(report)
        parts += _unverifiable(report)
    room = _MAX_CHARACTERS - sum(len(part) + 2 for part in parts)
    if report.active:
        parts.append("### Findings\n\n" + _findings(report, room - _HELP_CHARACTERS))
        parts += _helps(report)
    else:
        parts.append("No findings.")
    return "\n\n".join(parts) + "\n"


def _scope(report: Report) -> str:
    """Return one line on what was judged by what."""
    coverage = report.coverage
    facts = [
        f"Profile {code_span(report.profile)}" if report.profile else "",
        f"Kubernetes {escape(report.kubernetes_version)}" if report.kubernetes_version else "",
        f"{count(coverage.resources, 'resource')} in {count(coverage.files, 'file')}",
    ]
    if coverage.skipped:
        facts.append(f"{len(coverage.skipped)} skipped")
    return " · ".join(fact for fact in facts if fact)


def _architectures(report: Report) -> Iterator[str]:
    if not report.architectures:
        return
    rows = [
        (
            code_span(fit.id),
            code_span(part_name(fit.unit, fit.namespaces, fit.application)),
            percent(fit.fit),
            escape(", ".join(fit.missing)) or "nothing",
        )
        for fit in report.architectures
    ]
    yield "### Architectures\n\n" + table(("Architecture", "Unit", "Fit", "Missing"), rows)
    if report.roles:
        roles = [
            (code_span(role.architecture), role.role, code_span(str(role.resource)), escape(role.reason))
            for role in report.roles
        ]
        yield _details("Roles", table(("Architecture", "Role", "Resource", "Why"), roles))


def _checklist(report: Report) -> Iterator[str]:
    if not report.checklist:
        return
    titles = {item.section: section_title(item) for item in report.checklist}
    sections = [
        (escape(titles[section]), *(str(counts[verdict] or "") for verdict in Verdict))
        for section, counts in verdicts_by_section(report).items()
    ]
    yield "### Checklist\n\n" + table(("Section", *(capitalized(verdict.value) for verdict in Verdict)), sections)
    yield _details(count(len(report.checklist), "item"), _items(report.checklist))
    if len(report.units) > 1:
        cards = [(_items(card.checklist), card) for card in report.units]
        shown = [_details(f"{card.name}{_held(card)}", body) for body, card in cards]
        yield _fitting(shown, _CARD_CHARACTERS, "unit")


def _items(items: Iterable[ItemVerdict]) -> str:
    rows = [
        (escape(section_title(item)), escape(item.title), _verdict(item), escape(" ".join(item.evidence)))
        for item in items
    ]
    return table(("Section", "Item", "Verdict", "Evidence"), rows)


def _held(card: UnitScorecard) -> str:
    """Return in words which architecture a unit was held against and how many items have which verdict."""
    verdicts = Counter(item.verdict for item in card.checklist)
    numbers = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict])
    return f" ({card.architecture}): {numbers}" if card.architecture else f": {numbers}"


def _verdict(item: ItemVerdict) -> str:
    return f"**{item.verdict.value}**" if item.verdict is Verdict.FAIL else item.verdict.value


def _unverifiable(report: Report) -> Iterator[str]:
    reasons = [
        f"- {code_span(outcome.rule)}: {escape(reason)}"
        for outcome in report.outcomes
        for reason in dict.fromkeys(outcome.unverifiable)
    ]
    if reasons:
        yield _details("Not verifiable", _fitting(reasons, _HELP_CHARACTERS, "reason"))


def _findings(report: Report, room: int) -> str:
    """Return the table of findings, worst first, as many rows as there is room for."""
    findings = sorted(report.active, key=lambda finding: finding.severity.rank)
    header = table(("Severity", "Place", "Rule", "Message"), [])
    rows = [table((), [_row(finding)]) for finding in findings]
    return header + "\n" + _fitting(rows, room, "finding")


def _row(finding: Finding) -> tuple[str, ...]:
    places, more = first_places(finding.related)
    also = [f"{escape(place.message)}: {code_span(str(place.location))}" for place in places]
    message = "<br>".join([escape(finding.message), *also, *([more] if more else [])])
    return finding.severity.value, code_span(str(finding.location)), code_span(finding.rule), message


def _helps(report: Report) -> Iterator[str]:
    rules = {finding.rule for finding in report.active}
    blocks = [_help(rule) for rule in report.rules if rule.id in rules and rule.remediation]
    if blocks:
        yield _details("What to do", _fitting(blocks, _HELP_CHARACTERS, "rule"))


def _help(rule: Help) -> str:
    links = "".join(f" <{reference}>" for reference in rule.references)
    return f"- {code_span(rule.id)}: {escape(rule.remediation)}{links}"


def _details(summary: str, body: str) -> str:
    return f"<details>\n<summary>{escape(summary)}</summary>\n\n{body}\n\n</details>"


def _fitting(lines: Iterable[str], room: int, noun: str) -> str:
    """Return the lines that fit into `room` characters and, if some do not, how many are left out."""
    kept: list[str] = []
    rest = list(lines)
    while rest and len(rest[0]) < room:
        room -= len(rest[0]) + 1
        kept.append(rest.pop(0))
    if rest:
        kept.append(f"\n{count(len(rest), f'more {noun}')} not shown.")
    return "\n".join(kept)
