"""What several units say of one tree, said once: units share files, and a cause that they share is one finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from refarch_lint.catalogue.rule import Scope
from refarch_lint.evaluate.engine import RuleResult
from refarch_lint.evaluate.finding import Finding, Related
from refarch_lint.location import Location
from refarch_lint.regex import regex

_NUMBER = regex(r"\d+")
_NAMESPACE = regex(r"\bnamespace ([a-z0-9][a-z0-9.-]*[a-z0-9]|[a-z0-9])")
_REPLICAS = regex(r"\b\d+ replica")
_SUBJECT = regex(r"\b[A-Z]\w+/[\w.-]+(?: and (?:the )?other workloads)?(?: are| is| lacks?)?")
#: Words of findings that speak of everything that was read, whatever unit they stand in.
_OF_THE_TREE = regex(r"\bnothing in the tree\b")
_LACKS = regex(r": the tree has no\b")

Identity = tuple[object, ...]


class Units(NamedTuple):
    """For each unit the positions of its variants: units that describe the same objects, itself included."""

    variants: tuple[frozenset[int], ...]

    @classmethod
    def of(cls, names: Sequence[str], variants: Sequence[frozenset[str]]) -> Units:
        """Return the variants of units by position, from their names."""
        positions = {name: position for position, name in enumerate(names)}
        return cls(tuple(frozenset(positions[name] for name in found if name in positions) for found in variants))

    def are_variants(self, some: Iterable[int], others: Iterable[int]) -> bool:
        """Tell whether each of some units is a variant of one of the others."""
        wanted = set(others)
        return all(not self.variants[position].isdisjoint(wanted) for position in some)


class Merged(NamedTuple):
    """The results of all units, rule by rule; `told_by` maps a finding that was dropped to the one that tells it."""

    results: tuple[RuleResult, ...]
    told_by: Mapping[Identity, Identity]


def identity(finding: Finding) -> Identity:
    """Return what makes a finding the same in two units."""
    return (finding.rule, finding.location, finding.message, finding.path)


def merge_results(per_unit: list[tuple[RuleResult, ...]], units: Units) -> Merged:
    """Return the results of all units together; what several units share is found once."""
    if len(per_unit) == 1:
        return Merged(per_unit[0], {})
    merged, told_by = [], dict[Identity, Identity]()
    for same_rule in zip(*per_unit, strict=True):
        findings = {identity(finding): finding for result in reversed(same_rule) for finding in result.findings}
        dropped = _told_elsewhere(same_rule, findings, units) if len(findings) > 1 else {}
        told_by |= dropped
        findings = _with_namespaces(findings, dropped)
        unverifiable = dict.fromkeys(reason for result in same_rule for reason in result.unverifiable)
        passed = sum(result.passed for result in same_rule)
        off = tuple(dict.fromkeys(who for result in same_rule for who in result.off))
        merged.append(RuleResult(same_rule[0].rule, tuple(findings.values()), passed, tuple(unverifiable), off))
    return Merged(tuple(merged), told_by)


def _with_namespaces(
    findings: Mapping[Identity, Finding], dropped: Mapping[Identity, Identity]
) -> dict[Identity, Finding]:
    """Return the findings that are left; one that tells what holds in other namespaces, too, names them."""
    others: dict[Identity, dict[str, None]] = defaultdict(dict)
    for key, by in dropped.items():
        last = by
        while last in dropped:
            last = dropped[last]
        if findings[key].location == findings[last].location:
            named = _NAMESPACE.findall(findings[key].message)
            others[last].update(dict.fromkeys(named))
    left = {}
    for key, finding in findings.items():
        if key not in dropped:
            own = set(_NAMESPACE.findall(finding.message))
            notes = tuple(
                Related(f"the same in namespace {name}", finding.location)
                for name in sorted(others[key])
                if name not in own
            )
            left[key] = replace(finding, related=finding.related + notes) if notes else finding
    return left


def _told_elsewhere(
    same_rule: Sequence[RuleResult], findings: Mapping[Identity, Finding], units: Units
) -> dict[Identity, Identity]:
    """Return the findings about a whole unit, namespace or tree that a finding of another unit tells too."""
    scope = same_rule[0].rule.target.scope
    places = {key: _places(finding) for key, finding in findings.items()}
    holders: dict[Identity, set[int]] = defaultdict(set)
    for position, result in enumerate(same_rule):
        for finding in result.findings:
            holders[identity(finding)].add(position)
    is_wide = scope in _WIDE
    met_at = {key: finding.location if is_wide else _said_here(finding) for key, finding in findings.items()}
    naming: dict[Location | Identity, list[Identity]] = defaultdict(list)
    for key, named in places.items():
        for place in named if is_wide else (met_at[key],):
            naming[place].append(key)
    shapes: dict[Identity, Identity] = {}
    told_by: dict[Identity, Identity] = {}
    order = {key: min(found) for key, found in holders.items()}
    for key, finding in sorted(findings.items(), key=lambda item: (-len(places[item[0]]), order[item[0]])):
        wider = [
            other
            for other in naming[met_at[key]]
            if places[key] < places[other] and other not in told_by and holders[key].isdisjoint(holders[other])
        ]
        said = [
            other
            for shape, needs_variants in _shapes(finding, scope)
            if (other := shapes.get(shape)) is not None
            and holders[key].isdisjoint(holders[other])
            and (not needs_variants or units.are_variants(holders[key], holders[other]))
        ]
        if found := [*said, *wider]:
            told_by[key] = found[0]
            continue
        for shape, _ in _shapes(finding, scope):
            shapes.setdefault(shape, key)
    return told_by


_WIDE = (Scope.NAMESPACE, Scope.UNIT)


def _said_here(finding: Finding) -> Identity:
    """Return what findings of one place share that say the same of another number of further places."""
    return (finding.location, _NUMBER.sub("#", finding.message))


def _shapes(finding: Finding, scope: Scope) -> Iterator[tuple[Identity, bool]]:
    """Yield by what a finding is the same as one of another unit, and whether only as one of a variant.

    It is where it blames the same place in the same words but for the namespace or a number that an overlay gives, says
    the same of the same namespace, or speaks of the whole tree; of units that are variants it is enough that they lack
    the same.
    """
    anywhere = finding.message
    if not anywhere.startswith("namespace "):
        anywhere = _NAMESPACE.sub("namespace *", anywhere)
    words = _NUMBER.sub("#", anywhere)
    bare = _NUMBER.sub("#", _SUBJECT.sub("*", finding.message))
    if _LACKS.search(finding.message) or (scope in _WIDE and _OF_THE_TREE.search(finding.message)):
        yield (bare,), False
    if scope in _WIDE:
        yield (finding.location, words), False
    else:
        # A patch of an overlay moves items of a list, so that the path is another one and the place is not.
        yield (finding.location, finding.message), False
        if (alike := _REPLICAS.sub("# replica", anywhere)) != finding.message:
            yield (finding.location, alike, finding.path), False
    if scope is Scope.NAMESPACE:
        yield (finding.message,), False
    if scope is Scope.UNIT:
        yield (bare, finding.severity), True


def _places(finding: Finding) -> frozenset[Location]:
    return frozenset((finding.location, *(note.location for note in finding.related)))
