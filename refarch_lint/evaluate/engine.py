"""The whole loop: every rule, every subject, every assertion; what is wrong becomes a finding with its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from refarch_lint.catalogue.profile import Profile
from refarch_lint.catalogue.rule import Rule
from refarch_lint.errors import RefarchLintError, RuleCrashError
from refarch_lint.evaluate.assertions import question
from refarch_lint.evaluate.context import RuleContext, RunContext
from refarch_lint.evaluate.credentials import without_credentials
from refarch_lint.evaluate.finding import Finding, Related, ResourceRef
from refarch_lint.evaluate.fingerprint import file_fingerprint, fingerprint
from refarch_lint.evaluate.subject import Area, Fault, NotApplicable, Subject, Unverifiable
from refarch_lint.evaluate.targets import subjects
from refarch_lint.graph.place import Place
from refarch_lint.location import Location
from refarch_lint.severity import Severity

T = TypeVar("T")


class Tallies(NamedTuple):
    """What a rule said besides findings, by area.

    `passed` counts the subjects that passed and has every area looked at. `unverifiable` holds what could not be
    told, `off` who switched the rule off, each reason once.
    """

    passed: Mapping[Area, int]
    unverifiable: Mapping[Area, Mapping[str, None]] = {}
    off: Mapping[Area, Mapping[str, None]] = {}

    def within(self, areas: Iterable[Area]) -> Tallies:
        """Return what was said of some of the areas."""
        kept = [area for area in areas if area in self.passed]
        return Tallies(_only(kept, self.passed), _only(kept, self.unverifiable), _only(kept, self.off))


def _only(areas: Iterable[Area], known: Mapping[Area, T]) -> dict[Area, T]:
    return {area: known[area] for area in areas if area in known}


class RuleResult(NamedTuple):
    """What one rule said: its findings, how many subjects passed, what it could not tell, and who switched it off."""

    rule: Rule
    findings: tuple[Finding, ...]
    passed: int
    unverifiable: tuple[str, ...]
    off: tuple[str, ...] = ()
    tallies: Tallies = Tallies({})


def evaluate_rules(rules: Iterable[Rule], run: RunContext) -> Iterator[RuleResult]:
    """Yield the result of each rule. Raises RuleCrashError, naming rule and subject, if one breaks down."""
    for rule in rules:
        context = RuleContext(run, rule)
        found = tuple(subjects(context))
        if not found:
            yield result_of(rule, (), Tallies({}))
            continue
        ask = question(rule.assertions, context)
        findings: dict[tuple[str, Place | Location], Finding] = {}
        passed: dict[Area, int] = defaultdict(int)
        unverifiable: dict[Area, dict[str, None]] = defaultdict(dict)
        off: dict[Area, dict[str, None]] = defaultdict(dict)
        severity = severity_of(rule, run, run.only_profile) if run.only_profile else None
        for subject in found:
            if run.only_profile is None:
                severity = severity_of(rule, run, run.profile_of(subject))
            if severity is None:
                passed[subject.area] += 0
                off[subject.area].setdefault(f"profile {run.profile_of(subject).id}")
                continue
            try:
                outcomes = list(ask(subject))
            except RefarchLintError:
                raise
            except Exception as cause:
                raise _crash(rule, subject, cause) from cause
            passed[subject.area] += not outcomes
            for outcome in outcomes:
                match outcome:
                    case Fault():
                        findings.setdefault((outcome.message, outcome.place), _finding(outcome, severity, rule.id))
                    case Unverifiable(reason):
                        unverifiable[subject.area].setdefault(without_credentials(reason))
                    case NotApplicable():
                        pass
        yield result_of(rule, tuple(findings.values()), Tallies(passed, unverifiable, off))


def result_of(rule: Rule, findings: tuple[Finding, ...], tallies: Tallies) -> RuleResult:
    """Return what a rule said in all areas of `tallies` together."""
    unverifiable, off = (
        tuple(dict.fromkeys(reason for area in tallies.passed for reason in part.get(area, ()))) if part else ()
        for part in (tallies.unverifiable, tallies.off)
    )
    return RuleResult(rule, findings, sum(tallies.passed.values()), unverifiable, off, tallies)


def _crash(rule: Rule, subject: Subject, cause: Exception) -> RuleCrashError:
    place = subject.resource.locate(subject.path)
    return RuleCrashError(f"could not evaluate rule {rule.id} on {subject.resource}: {type(cause).__name__}", place)


def severity_of(rule: Rule, run: RunContext, profile: Profile) -> Severity | None:
    """Return a rule's severity under a profile: the project's, else the profile's, else its own; None for off."""
    if rule.id in run.settings.severities:
        return run.settings.severities[rule.id]
    return profile.severities.get(rule.id, rule.severity)


def _finding(fault: Fault, own: Severity, rule: str) -> Finding:
    severity = own if fault.severity is None or own.rank > fault.severity.rank else fault.severity
    message = without_credentials(fault.message)
    related = tuple(Related(without_credentials(note.message), _located(note.place)) for note in fault.related)
    place = fault.place
    if isinstance(place, Location):
        name = file_fingerprint(rule, place.file, message)
        return Finding(rule, severity, message, None, (), place, related, name)
    resource = place.resource
    others = [note.place for note in fault.related if isinstance(note.place, Place)]
    name = fingerprint(rule, place, message, others)
    path = resource.root + place.path
    return Finding(rule, severity, message, reference(place), path, place.locate(), related, name)


def _located(place: Place | Location) -> Location:
    return place if isinstance(place, Location) else place.locate()


def reference(place: Place) -> ResourceRef:
    """Return the reported name of the resource that a place belongs to."""
    resource = place.resource
    return ResourceRef(resource.api_version, resource.kind, resource.namespace, resource.name)
