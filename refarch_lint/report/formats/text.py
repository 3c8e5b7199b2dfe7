"""Text for people at a terminal: findings with their source lines, roles, the scorecard and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from refarch_lint.evaluate.finding import ArchitectureFit, Finding, Help, Report, RoleAssignment, Verdict, part_name
from refarch_lint.listing import SHOWN_NAMES, listed
from refarch_lint.location import Location, format_path
from refarch_lint.report.columns import pad, printable, text_width
from refarch_lint.report.options import RenderOptions
from refarch_lint.report.related import SHOWN_PLACES
from refarch_lint.report.scorecard import scorecard
from refarch_lint.report.snippet import snippet
from refarch_lint.report.style import Meaning, Paint, painter
from refarch_lint.report.summary import first_things, summarize
from refarch_lint.report.unverified import unverified
from refarch_lint.report.wording import count, first_sentence, percent
from refarch_lint.severity import Severity

#: From this finding of a rule on, the rule's findings take one line each.
_FULL_BLOCKS_PER_RULE = 10

#: So many reasons why something was not verifiable are shown; the summary counts them all.
_SHOWN_REASONS = 10

_MEANINGS: dict[Severity, Meaning] = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}


def render(report: Report, options: RenderOptions) -> str:
    """Return the report as text."""
    paint = painter(options.color)
    parts = list(_findings(report, options, paint))
    if not options.quiet:
        parts += _architectures(report, paint)
        if report.checklist and report.coverage.resources:
            parts.append(scorecard(report.checklist, options.width, paint))
        parts += _units(report, options, paint)
        parts += _unverifiable(report, options, paint)
        parts.append("\n".join(_coverage(report, options, paint)))
    parts.append("\n".join(_summary(report, paint)))
    return "\n\n".join(parts) + "\n"


def _findings(report: Report, options: RenderOptions, paint: Paint) -> Iterator[str]:
    """Yield a block for each error and warning, then one list of all that take a single line."""
    helps = {rule.id: rule for rule in report.rules}
    seen: Counter[str] = Counter()
    lines = []
    for finding in report.findings:
        if finding.suppressed is not None:
            if options.verbose:
                lines.append(_line(finding, paint))
            continue
        seen[finding.rule] += 1
        brief = finding.severity is Severity.INFO or seen[finding.rule] > _FULL_BLOCKS_PER_RULE
        if brief and not options.verbose:
            lines.append(_line(finding, paint))
        else:
            yield "\n".join(_block(finding, helps.get(finding.rule), report, options, paint))
    if lines:
        yield "\n".join(lines)


def _block(finding: Finding, rule: Help | None, report: Report, options: RenderOptions, paint: Paint) -> Iterator[str]:
    """Yield the lines that show one finding: what, where, the other end, and what to do.

    A related place that is the finding's own is a label on it, where its lines are shown.
    """
    known = bool(report.sources.get(finding.location.file))
    own = [item for item in finding.related if known and item.location == finding.location]
    elsewhere = [item for item in finding.related if not (known and item.location == finding.location)]
    labels, others = (own, elsewhere) if options.verbose else (own[:SHOWN_PLACES], elsewhere[:SHOWN_PLACES])
    places = [finding.location, *(related.location for related in others)]
    gutter = max(len(str(_last_line(place, report))) for place in places)
    margin = " " * gutter
    yield f"{_tag(finding, paint)}{paint('strong', ': ' + printable(finding.message))}"
    yield f"{margin}{paint('frame', '-->')} {_place(finding.location)}"
    label = "; ".join(printable(item.message) for item in labels)
    yield from _source(finding.location, "^", _MEANINGS[finding.severity], label, gutter, report, options, paint)
    for related in others:
        label = printable(related.message)
        source = list(_source(related.location, "-", "related", label, gutter, report, options, paint))
        tail = "" if source else f": {label}"
        yield f"{margin}{paint('frame', ':::')} {_place(related.location)}{tail}"
        yield from source
    notes = []
    if hidden := len(finding.related) - len(labels) - len(others):
        notes.append(("note", f"{count(hidden, 'more place')}; --verbose shows them"))
    if rule is not None and rule.remediation:
        notes.append(("help", first_sentence(rule.remediation)))
    if options.verbose:
        notes += [("path", format_path(finding.path))] if finding.path else []
        notes += [("see", reference) for reference in (rule.references if rule is not None else ())]
    if notes:
        yield paint("frame", f"{margin} |")
    for name, text in notes:
        yield f"{margin} {paint('frame', '=')} {paint('hint', name)}: {printable(text)}"


def _source(
    place: Location,
    marker: str,
    meaning: Meaning,
    label: str,
    gutter: int,
    report: Report,
    options: RenderOptions,
    paint: Paint,
) -> list[str]:
    lines = report.sources.get(place.file, ())
    return snippet(lines, place.span, marker, meaning, label, gutter, options.width, paint)


def _last_line(place: Location, report: Report) -> int:
    """Return the highest line number that the snippet of a place shows."""
    known = len(report.sources.get(place.file, ()))
    return min(place.span.end.line, known) if known else 1


def _line(finding: Finding, paint: Paint) -> str:
    """Return a finding on one line."""
    text = f"{_tag(finding, paint)} {_place(finding.location)}: {printable(finding.message)}"
    if finding.suppressed is not None:
        reason = f" ({finding.suppressed.source}: {finding.suppressed.reason})"
        text += paint("faint", printable(reason))
    return text


def _tag(finding: Finding, paint: Paint) -> str:
    if finding.suppressed is not None:
        return paint("faint", f"suppressed[{finding.rule}]")
    return paint(_MEANINGS[finding.severity], f"{finding.severity.value}[{finding.rule}]")


def _place(location: Location) -> str:
    return printable(str(location))


def _units(report: Report, options: RenderOptions, paint: Paint) -> Iterator[str]:
    """Yield, where there are several units, how many items have which verdict in each; in full where that is asked."""
    if len(report.units) < 2:
        return
    lines = []
    for card in report.units:
        verdicts = Counter(item.verdict for item in card.checklist)
        numbers = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict if verdicts[verdict])
        held = f" ({card.architecture})" if card.architecture else ""
        lines.append(f"{printable(card.name)}{held}: {numbers}")
    if options.verbose:
        for line, card in zip(lines, report.units, strict=True):
            yield f"{paint('strong', line)}\n{scorecard(card.checklist, options.width, paint)}"
    else:
        yield "\n".join(lines)


def _architectures(report: Report, paint: Paint) -> Iterator[str]:
    """Yield, for each architecture and unit, how well it fits and which resource plays which role and why."""
    for fit in report.architectures:
        yield "\n".join(_architecture(fit, report, paint))


def _architecture(fit: ArchitectureFit, report: Report, paint: Paint) -> Iterator[str]:
    how = "as asked for" if fit.named else "detected"
    name = part_name("" if fit.unit == "." else fit.unit, fit.namespaces, fit.application)
    title = f"Architecture {fit.id}" + (f" in {printable(name)}" if name else "")
    yield f"{paint('strong', title)}: fits {percent(fit.fit)}, {how}"
    roles = [role for role in report.roles if role.architecture == fit.id and _part(role) == _part(fit)]
    yield from _role_lines(roles)
    if fit.missing:
        yield f"  {paint('warning', 'missing')}: {printable(', '.join(fit.missing))}"


def _part(item: ArchitectureFit | RoleAssignment) -> tuple[object, ...]:
    return item.unit, item.namespaces, item.application


def _role_lines(roles: list[RoleAssignment]) -> Iterator[str]:
    """Yield one line per role in aligned columns: role, resource, place, reason."""
    rows = [(role.role, printable(str(role.resource)), _place(role.location), printable(role.reason)) for role in roles]
    widths = [max(map(text_width, column)) for column in zip(*rows, strict=True)]
    for *cells, reason in rows:
        yield "  " + "  ".join(map(pad, cells, widths)) + f"  {reason}"


def _unverifiable(report: Report, options: RenderOptions, paint: Paint) -> Iterator[str]:
    """Yield one paragraph: what could not be verified and why, what several rules or objects share once."""
    reasons = unverified(report, apart=options.verbose)
    if not reasons:
        return
    lines = []
    for item in reasons:
        rules = listed(item.rules, len(item.rules) if options.verbose else SHOWN_NAMES)
        alike = f" ({item.number - 1} more like it)" if item.number > 1 else ""
        lines.append(f"  {rules}: {printable(item.reason)}{alike}")
    hidden = 0 if options.verbose else max(0, len(lines) - _SHOWN_REASONS)
    if hidden:
        lines[_SHOWN_REASONS:] = [f"  and {count(hidden, 'more reason')}"]
    yield "\n".join([paint("doubt", "Not verifiable:"), *lines])


def _coverage(report: Report, options: RenderOptions, paint: Paint) -> Iterator[str]:
    """Yield what was read and what was not, then the notes of the run."""
    coverage = report.coverage
    text = "Read " + ", ".join(
        (count(coverage.files, "file"), count(coverage.documents, "document"), count(coverage.resources, "resource"))
    )
    if coverage.skipped:
        by_reason: dict[str, list[str]] = {}
        for skipped in coverage.skipped:
            by_reason.setdefault(skipped.reason, []).append(skipped.file)
        reasons = (
            f"{files[0] if len(files) == 1 else count(len(files), 'file')}: {reason}"
            for reason, files in by_reason.items()
        )
        text += f"; skipped {len(coverage.skipped)} ({printable('; '.join(reasons))})"
    yield text
    if options.verbose:
        yield from (f"  skipped {printable(skipped.file)}: {printable(skipped.reason)}" for skipped in coverage.skipped)
    yield from (f"{paint('hint', 'note')}: {printable(note)}" for note in report.notes)


def _first(report: Report, paint: Paint) -> Iterator[str]:
    """Yield the findings to look at first: what is wrong, where, how many like it, and what to change."""
    helps = {rule.id: rule for rule in report.rules}
    things = first_things(report)
    if things:
        yield "First of all:"
    for number, (finding, like_it) in enumerate(things, 1):
        more = f" ({like_it - 1} more like it)" if like_it > 1 else ""
        place = paint("strong", printable(str(finding.location)))
        yield f"  {number}. {place} {printable(finding.message)}{more}"
        if rule := helps.get(finding.rule):
            yield f"     {paint('hint', finding.rule)}: {printable(first_sentence(rule.remediation))}"


def _summary(report: Report, paint: Paint) -> Iterator[str]:
    """Yield the rules with the worst findings and the counts, or a kind word."""
    summary = summarize(report)
    if any(summary.severities.values()):
        yield from _first(report, paint)
        yield paint("strong", str(summary))
        return
    if not report.coverage.resources:
        yield paint("fail", "Nothing was checked: no Kubernetes object found.")
        return
    held = count(len(report.rules), "rule")
    yield paint("pass", f"No findings: {held} checked on {count(report.coverage.resources, 'resource')}.")
    if summary.suppressed or summary.unverifiable:
        yield paint("strong", str(summary))
