"""The production checklist, item by item: five verdicts, each with its evidence, and never a pass by silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from refarch_lint.catalogue.architecture import Demand
from refarch_lint.catalogue.checklist import ChecklistItem
from refarch_lint.catalogue.rule import Scope
from refarch_lint.config import Attestation, speaks_for
from refarch_lint.evaluate.context import RunContext
from refarch_lint.evaluate.engine import RuleResult, result_of
from refarch_lint.evaluate.finding import Finding, ItemVerdict, UnitScorecard, Verdict
from refarch_lint.evaluate.open_services import open_services
from refarch_lint.evaluate.roles import RoleBook
from refarch_lint.evaluate.subject import WHOLE, Area
from refarch_lint.severity import Severity

_SHOWN = 3
#: Rules whose errors say that the API server refuses an object.
_REFUSALS = ("api-served", "schema-valid", "field-values-valid")


def scorecards(
    unit: str, run: RunContext, results: tuple[RuleResult, ...], findings: tuple[Finding, ...]
) -> Iterator[UnitScorecard]:
    """Yield the scorecard of a unit, or one for each of its parts that is held against an architecture of its own.

    What belongs to no part has one more. `findings` carry their suppressions. What is about the unit, a file or the
    cluster counts for every part.
    """
    if not run.roles.members:
        architecture = run.roles.architecture
        checklist = scorecard(run, run.roles, results, findings)
        yield UnitScorecard(unit, architecture.id if architecture else "", checklist)
        return
    roles, scopes = run.roles, {result.rule.id: result.rule.target.scope for result in results}
    by_area: dict[Area, list[tuple[int, Finding]]] = {}
    for entry in enumerate(findings):
        by_area.setdefault(_area(entry[1], scopes.get(entry[1].rule), roles), []).append(entry)
    areas = [roles.areas(part) for part in roles.members]
    left = {area for result in results for area in result.tallies.passed} | by_area.keys()
    left = left.difference({WHOLE}, *areas)
    known = frozenset(area.namespace for area in left)
    nobody = [resource for resource in run.graph.resources if roles.part_of(resource, resource.namespace) is None]
    rest = RoleBook(None, {}, roles.recognitions, known, objects=frozenset(nobody))
    for part, own_areas in zip((*roles.members, rest), (*areas, left), strict=True):
        held_areas = (WHOLE, *sorted(own_areas))
        own_results = tuple(_restricted(result, held_areas) for result in results)
        if part is rest and not _asks(own_results, own_areas, by_area):
            continue
        own = dict(entry for area in held_areas for entry in by_area.get(area, ()))
        checklist = scorecard(run, part, own_results, [own[position] for position in sorted(own)])
        held = part.architecture.id if part.architecture else ""
        yield UnitScorecard(unit, held, checklist, *part.part)


def _area(finding: Finding, scope: Scope | None, roles: RoleBook) -> Area:
    """Return the area for which a finding counts."""
    about = finding.resource
    if about is None or scope in (Scope.UNIT, Scope.FILE):
        return WHOLE
    if (about.kind, about.api_version) == ("Namespace", "v1"):
        return Area(about.name)
    if scope is Scope.NAMESPACE:
        return Area(about.namespace)
    return roles.area(finding.location.file, about.namespace)


def _asks(results: Iterable[RuleResult], areas: Iterable[Area], findings: Mapping[Area, Any]) -> bool:
    """Tell whether rules found something to look at in some areas."""
    return any(area in findings or any(result.tallies.passed.get(area) for result in results) for area in areas)


def _restricted(result: RuleResult, areas: Iterable[Area]) -> RuleResult:
    """Return what a rule said of some areas."""
    return result_of(result.rule, (), result.tallies.within(areas))


def scorecard(
    run: RunContext, book: RoleBook, results: Iterable[RuleResult], findings: Iterable[Finding]
) -> tuple[ItemVerdict, ...]:
    """Return the verdict on every checklist item, in the checklist's order; `findings` carry their suppressions."""
    by_item: dict[str, list[RuleResult]] = {}
    for result in results:
        by_item.setdefault(result.rule.checklist, []).append(result)
    by_rule: dict[str, list[Finding]] = {}
    for finding in findings:
        by_rule.setdefault(finding.rule, []).append(finding)
    return tuple(_judge(item, by_item.get(item.id, []), by_rule, run, book) for item in run.catalogue.items)


#: The verdict of several units together is the first of these that any of them has.
_WORST_FIRST = (Verdict.FAIL, Verdict.NOT_VERIFIABLE, Verdict.ATTESTED, Verdict.PASS, Verdict.NOT_APPLICABLE)


def merge_scorecards(cards: tuple[UnitScorecard, ...], findings: Iterable[Finding] = ()) -> tuple[ItemVerdict, ...]:
    """Return one checklist for all units: the worst verdict of each item, with the evidence of those that have it.

    `findings` are those of all units, each once, however many units it counts for.
    """
    if len(cards) == 1:
        return cards[0].checklist
    counts = Counter(finding.rule for finding in findings if _counts(finding))
    return tuple(_merged(cards, items, counts) for items in zip(*(card.checklist for card in cards), strict=True))


def _counts(finding: Finding) -> bool:
    return finding.suppressed is None and finding.severity is not Severity.INFO


def _merged(cards: tuple[UnitScorecard, ...], items: tuple[ItemVerdict, ...], counts: Counter[str]) -> ItemVerdict:
    verdict = min((item.verdict for item in items), key=_WORST_FIRST.index)
    decisive = [(card.name, item) for card, item in zip(cards, items, strict=True) if item.verdict is verdict]
    evidence = dict.fromkeys(f"{unit}: {item.evidence[0]}" for unit, item in decisive if item.evidence)
    found = sum(counts[rule] for rule in items[0].rules)
    return replace(items[0], verdict=verdict, evidence=tuple(evidence)[:_SHOWN], findings=found)


def _judge(
    item: ChecklistItem,
    results: list[RuleResult],
    by_rule: Mapping[str, list[Finding]],
    run: RunContext,
    book: RoleBook,
) -> ItemVerdict:
    rules = (*(result.rule.id for result in results), *item.also)
    counted = [finding for rule in rules for finding in by_rule.get(rule, ()) if _counts(finding)]
    told = [
        finding for rule in rules if _decides(rule, item) for finding in by_rule.get(rule, ()) if not _counts(finding)
    ]
    refused = [finding for rule in _REFUSALS for finding in by_rule.get(rule, ()) if _refuses(finding, item)]
    verdict, evidence = _verdict(item, results, [*counted, *refused], told, run, book)
    section = run.catalogue.section_title(item.section)
    return ItemVerdict(item.id, item.section, item.title, verdict, evidence, len(counted), rules, section)


def _refuses(finding: Finding, item: ChecklistItem) -> bool:
    """Tell whether a finding means that one of the objects which make up an item will not exist in the cluster."""
    about = finding.resource
    is_error = finding.suppressed is None and finding.severity is Severity.ERROR
    return is_error and about is not None and about.kind in item.objects


def _decides(rule: str, item: ChecklistItem) -> bool:
    return not item.decided_by or rule in item.decided_by


def _verdict(
    item: ChecklistItem,
    results: list[RuleResult],
    counted: list[Finding],
    told: list[Finding],
    run: RunContext,
    book: RoleBook,
) -> tuple[Verdict, tuple[str, ...]]:
    architecture = book.architecture.id if book.architecture else None
    if item.architectures and architecture not in item.architectures:
        return Verdict.NOT_APPLICABLE, (f"asked of {', '.join(item.architectures)} only",)
    if counted:
        shown = tuple(f"{finding.location}: {finding.message}" for finding in counted[:_SHOWN])
        more = (f"and {len(counted) - _SHOWN} more",) if len(counted) > _SHOWN else ()
        return Verdict.FAIL, shown + more
    attestations = [entry for entry in run.settings.attestations if entry.item == item.id]
    for entry in attestations:
        if speaks_for(entry, run.settings.today):
            return Verdict.ATTESTED, (_attested(entry),)
    if attestations:
        latest = max(attestations, key=lambda entry: entry.until)
        is_over = latest.until < run.settings.today.isoformat()
        term = f"expired on {latest.until}" if is_over else f"begins on {latest.date}"
        return Verdict.NOT_VERIFIABLE, (f"the attestation by {latest.by} {term}",)
    if item.attested:
        return Verdict.NOT_VERIFIABLE, ("no manifest shows it; attest it in the configuration",)
    verdict, evidence = _by_trait(item, run, book) if item.trait else _from_results(item, results, told)
    if verdict is Verdict.NOT_APPLICABLE and (wanted := _unplayed(item.missing, book)):
        return Verdict.FAIL, (f"nothing plays the role {wanted}{_doors(item.missing, run, book)}",)
    if verdict is Verdict.NOT_APPLICABLE and (unread := _unread(run)):
        return Verdict.NOT_VERIFIABLE, unread
    return verdict, evidence


def _unread(run: RunContext) -> tuple[str, ...]:
    """Return what could not be read: who knows whether an item would have applied to it."""
    problems = [problem for content in run.files for problem in content.problems]
    shown = tuple(f"{problem.location}: {problem.message}" for problem in problems[:_SHOWN])
    return shown + ((f"and {len(problems) - _SHOWN} more",) if len(problems) > _SHOWN else ())


def _attested(entry: Attestation) -> str:
    evidence = f", evidence: {entry.evidence}" if entry.evidence else ""
    return f"attested by {entry.by} on {entry.date}, valid until {entry.until}{evidence}"


def _by_trait(item: ChecklistItem, run: RunContext, book: RoleBook) -> tuple[Verdict, tuple[str, ...]]:
    found = [resource for resource in run.roles.with_trait(item.trait) if book.holds(resource)]
    if found:
        return Verdict.PASS, tuple(
            f"{resource} at {resource.locate(('metadata', 'name'))}" for resource in found[:_SHOWN]
        )
    if wanted := _unplayed(item.trait, book):
        return Verdict.FAIL, (f"nothing plays the role {wanted}",)
    return Verdict.NOT_APPLICABLE, (
        "the architecture does not ask for it" if book.architecture else "no architecture asks for it",
    )


def _doors(trait: str, run: RunContext, book: RoleBook) -> str:
    """Return in words how users come in where there is no entry point; empty where nothing shows it."""
    doors = open_services(run.graph, run.roles, book) if trait == "entry-point" else ()
    return f": {doors[0]} of type {doors[0].spec.get('type')} lets users in without it" if doors else ""


def _unplayed(trait: str, book: RoleBook) -> str:
    """Return the role of a trait that the architecture wants and nobody plays; empty where there is none."""
    for role in book.architecture.roles if book.architecture and trait else ():
        if trait in role.traits and role.demand is not Demand.OPTIONAL and not book.players(role.id):
            return role.id
    return ""


def _from_results(
    item: ChecklistItem, results: list[RuleResult], told: list[Finding]
) -> tuple[Verdict, tuple[str, ...]]:
    """Return the verdict of the rules that decide an item; `told` are their findings that do not count.

    Only what was looked at and found right passes. What was not to be told, or what somebody suppressed where nothing
    else was found right, is not verifiable.
    """
    deciding = [result for result in results if _decides(result.rule.id, item)]
    if not deciding:
        return Verdict.NOT_VERIFIABLE, ("no rule of this item was run",)
    passed = [result for result in deciding if result.passed]
    looked_at = sum(result.passed for result in results if result.passed)
    names = ", ".join(result.rule.id for result in results if result.passed)
    held = (f"{looked_at} {'check' if looked_at == 1 else 'checks'} passed: {names}",) if passed else ()
    kept = _kept(told)
    unknown = tuple(dict.fromkeys(reason for result in deciding for reason in result.unverifiable))
    if unknown:
        return Verdict.NOT_VERIFIABLE, (*unknown[:_SHOWN], *held, *kept)
    if passed:
        return Verdict.PASS, (*held, *kept)
    if kept:
        return Verdict.NOT_VERIFIABLE, (f"nothing was found right: {kept[0]}", *kept[1:])
    off = tuple(dict.fromkeys(origin for result in deciding for origin in result.off))
    if off:
        return Verdict.NOT_APPLICABLE, (f"not asked for by {', '.join(off)}",)
    return Verdict.NOT_APPLICABLE, ("nothing in the tree that this item asks about",)


def _kept(findings: list[Finding]) -> tuple[str, ...]:
    """Return what findings that do not count say: who suppressed them and why, and what is only information."""
    suppressed = dict.fromkeys(
        f"{finding.suppressed.source}: {finding.suppressed.reason}" for finding in findings if finding.suppressed
    )
    number = sum(finding.suppressed is not None for finding in findings)
    shown = "; ".join(list(suppressed)[:_SHOWN]) + (
        f"; and {len(suppressed) - _SHOWN} more" if len(suppressed) > _SHOWN else ""
    )
    kept = (f"{number} {'finding' if number == 1 else 'findings'} suppressed ({shown})",) if number else ()
    advice = [finding for finding in findings if finding.suppressed is None]
    return (*kept, *(f"information only: {finding.location}: {finding.message}" for finding in advice[:1]))
