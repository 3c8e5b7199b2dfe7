"""Findings accepted on purpose: comments, annotations and waivers; each has a reason, and none is lost."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from refarch_lint.config import Settings, Waiver
from refarch_lint.evaluate.finding import Finding, Suppression
from refarch_lint.location import Location, Path, Position, Span, TextLine
from refarch_lint.model.resource import Resource
from refarch_lint.model.workload import Workload
from refarch_lint.regex import regex
from refarch_lint.source.comments import Comment
from refarch_lint.wildcards import fits_glob

ANNOTATION = "refarch-lint.io/ignore"
_COMMENT = regex(r"#\s*refarch-lint:\s*ignore\s*\[([^\]]*)\]\s*(.*)")
_ENTRY = regex(r"\s*([\w*?/-]+(?:\s*,\s*[\w*?/-]+)*)\s*(?:[:=]\s*(.*))?", re.DOTALL)


class Mark(NamedTuple):
    """One statement that suppresses findings: for which rules, why, where it stands.

    `lines` are the lines of `file` on which findings are suppressed; None means the whole object `resource`.
    """

    source: str
    rules: tuple[str, ...]
    reason: str
    location: Location
    file: str
    lines: tuple[int, int] | None
    resource: Resource | None = None


class Fault(NamedTuple):
    """Something wrong with a suppression itself, reported as a finding of the rule `suppression-valid`."""

    message: str
    location: Location


def comment_marks(file: str, comments: Iterable[Comment], line_count: int) -> Iterator[Mark]:
    """Yield the marks that a file's comments make.

    A comment behind a value covers its line; one on a line of its own covers the next line that is not a comment.
    """
    own = {comment.line for comment in comments if comment.own_line}
    for comment in comments:
        found = _COMMENT.match(comment.text)
        if not found:
            continue
        rules = tuple(part.strip() for part in found[1].split(",") if part.strip())
        line = comment.line
        while comment.own_line and line in own and line < line_count:
            line += 1
        start = Position(comment.line, comment.column)
        place = Location(file, Span(start, Position(comment.line, comment.column + len(comment.text))))
        yield Mark("comment", rules, found[2].strip(), place, file, (line, line))


def annotation_marks(resource: Resource, workload: Workload | None) -> Iterator[Mark]:
    """Yield the marks of the annotation `refarch-lint.io/ignore`, on the object or on its pod template.

    Its value holds one entry a line: rule ids separated by commas, a colon, the reason.
    """
    sources: list[tuple[Mapping[str, str], Path]] = [
        (resource.annotations, ("metadata", "annotations", ANNOTATION)),
    ]
    if workload is not None and workload.template_path:
        sources.append((workload.pod_annotations, (*workload.template_path, "metadata", "annotations", ANNOTATION)))
    for entries, path in sources:
        for number, line in enumerate(entries.get(ANNOTATION, "").splitlines()):
            found = _ENTRY.fullmatch(line)
            if found:
                rules = tuple(part.strip() for part in found[1].split(","))
                location = resource.locate((*path, TextLine(number)))
                reason = (found[2] or "").strip()
                yield Mark("annotation", rules, reason, location, resource.document.file, None, resource)


class Applied(NamedTuple):
    """Findings with their suppressions, what is wrong with the suppressions, and how many of them are in use."""

    findings: tuple[Finding, ...]
    faults: tuple[Fault, ...]
    used: int


def apply_marks(
    findings: Iterable[tuple[Finding, tuple[Resource, ...]]],
    marks: Iterable[Mark],
    settings: Settings,
    rules: frozenset[str],
    known: frozenset[str],
) -> Applied:
    """Return the findings with their suppressions, and what is wrong with the marks: no reason, expired, unused.

    With each finding come the objects whose annotations speak of it. `rules` are those that ran: a mark for a rule that
    did not run cannot be called unused. `known` are all there are.
    """
    given = tuple(marks)
    by_line: dict[tuple[str, int], list[Mark]] = defaultdict(list)
    by_resource: dict[Resource, list[Mark]] = defaultdict(list)
    for mark in given:
        if mark.reason and mark.lines is not None:
            for line in range(mark.lines[0], mark.lines[1] + 1):
                by_line[mark.file, line].append(mark)
        elif mark.reason and mark.resource is not None:
            by_resource[mark.resource].append(mark)
    used: set[int] = set()
    result = []
    for finding, resources in findings:
        candidates = [*_covering(finding, by_line), *(mark for item in resources for mark in by_resource.get(item, ()))]
        cause = _cause(finding, candidates, settings)
        if cause is not None:
            used.add(id(cause))
            source = cause.source if isinstance(cause, Mark) else "config"
            finding = replace(finding, suppressed=Suppression(source, cause.reason, cause.location))
        result.append(finding)
    faults = (*_mark_faults(given, used, rules, known), *_waiver_faults(settings, used, rules, known))
    return Applied(tuple(result), faults, len(used))


def _cause(finding: Finding, marks: Iterable[Mark], settings: Settings) -> Mark | Waiver | None:
    """Return what suppresses a finding: the first of the marks that speak of it, else the first waiver, or nothing."""
    mark_found = next((mark for mark in marks if _names(mark.rules, finding.rule)), None)
    waivers = (waiver for waiver in settings.waivers if _waives(waiver, finding) and not _expired(waiver, settings))
    return mark_found if mark_found is not None else next(waivers, None)


def _mark_faults(
    marks: tuple[Mark, ...], used: set[int], rules: frozenset[str], known: frozenset[str]
) -> Iterator[Fault]:
    for mark in marks:
        shown = ", ".join(mark.rules)
        if not mark.reason:
            yield Fault(f"suppression of {shown} gives no reason and is not applied", mark.location)
            continue
        if id(mark) not in used and _were_run(mark.rules, rules):
            yield Fault(f"suppression of {shown} matches no finding; remove it", mark.location)
        for pattern in mark.rules:
            if not _were_run((pattern,), known):
                yield Fault(f"suppression of {pattern}: there is no such rule", mark.location)


def _were_run(patterns: tuple[str, ...], rules: frozenset[str]) -> bool:
    return all(any(fits_glob(rule, pattern) for rule in rules) for pattern in patterns)


def _covering(finding: Finding, by_line: Mapping[tuple[str, int], list[Mark]]) -> list[Mark]:
    return by_line.get((finding.location.file, finding.location.span.start.line), [])


def _names(patterns: tuple[str, ...], rule: str) -> bool:
    return any(fits_glob(rule, pattern) for pattern in patterns)


def _waives(waiver: Waiver, finding: Finding) -> bool:
    resource = finding.resource
    return (
        fits_glob(finding.rule, waiver.rule)
        and fits_glob(str(resource) if resource else "", waiver.resource)
        and fits_glob(resource.namespace if resource else "", waiver.namespace)
        and fits_glob(finding.location.file, waiver.path)
    )


def _expired(waiver: Waiver, settings: Settings) -> bool:
    return bool(waiver.expires) and waiver.expires < settings.today.isoformat()


def _waiver_faults(settings: Settings, used: set[int], rules: frozenset[str], known: frozenset[str]) -> Iterator[Fault]:
    for waiver in settings.waivers:
        if waiver.location is None:
            continue
        if _expired(waiver, settings):
            yield Fault(f"waiver of {waiver.rule} expired on {waiver.expires}", waiver.location)
        elif not _were_run((waiver.rule,), known):
            yield Fault(f"waiver of {waiver.rule}: there is no such rule", waiver.location)
        elif id(waiver) not in used and _were_run((waiver.rule,), rules):
            yield Fault(f"waiver of {waiver.rule} matches no finding; remove it", waiver.location)
