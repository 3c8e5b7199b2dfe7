"""What several units say of one tree, said once: units share files, and a cause that they share is one finding."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from refarch_lint.catalogue.rule import Scope
from refarch_lint.evaluate.engine import RuleResult
from refarch_lint.evaluate.finding import Finding
from refarch_lint.location import Location

_NUMBER = re.compile(r"\d+")

Identity = tuple[object, ...]


class Merged(NamedTuple):
    """The results of all units, rule by rule; `told_by` maps a finding that was dropped to the one that tells it."""

    results: tuple[RuleResult, ...]
    told_by: Mapping[Identity, Identity]


def identity(finding: Finding) -> Identity:
    """Return what makes a finding the same in two units."""
    return (finding.rule, finding.location, finding.message, finding.path)


def merge_results(per_unit: list[tuple[RuleResult, ...]]) -> Merged:
    """Return the results of all units together; what several units share is found once."""
    if len(per_unit) == 1:
        return Merged(per_unit[0], {})
    merged, told_by = [], dict[Identity, Identity]()
    for same_rule in zip(*per_unit, strict=True):
        rule = same_rule[0].rule
        findings = {identity(finding): finding for result in reversed(same_rule) for finding in result.findings}
        if rule.target.scope in (Scope.NAMESPACE, Scope.UNIT):
            dropped = _told_elsewhere(same_rule, findings)
            told_by |= dropped
            findings = {key: finding for key, finding in findings.items() if key not in dropped}
        unverifiable = dict.fromkeys(reason for result in same_rule for reason in result.unverifiable)
        passed = sum(result.passed for result in same_rule)
        merged.append(RuleResult(rule, tuple(findings.values()), passed, tuple(unverifiable)))
    return Merged(tuple(merged), told_by)


def _told_elsewhere(same_rule: Iterable[RuleResult], findings: Mapping[Identity, Finding]) -> dict[Identity, Identity]:
    """Return the findings about a whole unit or namespace that a finding of another unit tells too.

    It does where it blames the same place in the same words but for a number, or names every place that they name.
    """
    units: dict[Identity, set[int]] = defaultdict(set)
    for position, result in enumerate(same_rule):
        for finding in result.findings:
            units[identity(finding)].add(position)
    naming: dict[Location, list[Identity]] = defaultdict(list)
    shapes: dict[Identity, Identity] = {}
    places = {key: _places(finding) for key, finding in findings.items()}
    for key, named in places.items():
        for place in named:
            naming[place].append(key)
    told_by: dict[Identity, Identity] = {}
    for key, finding in sorted(findings.items(), key=lambda item: -len(places[item[0]])):
        shape = (finding.location, _NUMBER.sub("#", finding.message))
        wider = [
            other
            for other in naming[finding.location]
            if places[key] < places[other] and other not in told_by and units[key].isdisjoint(units[other])
        ]
        if shape in shapes and units[key].isdisjoint(units[shapes[shape]]):
            told_by[key] = shapes[shape]
        elif wider:
            told_by[key] = wider[0]
        else:
            shapes.setdefault(shape, key)
    return told_by


def _places(finding: Finding) -> frozenset[Location]:
    return frozenset((finding.location, *(note.location for note in finding.related)))
