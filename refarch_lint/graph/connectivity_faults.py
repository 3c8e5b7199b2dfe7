"""Faults that show only when policies, namespaces and workloads are seen together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

from refarch_lint.graph.connectivity_pods import Pod, PodGroup
from refarch_lint.graph.connectivity_policies import Doubt
from refarch_lint.graph.connectivity_rules import Direction, Policy, PolicyFault, Rule, Tier
from refarch_lint.graph.connectivity_universe import Ends, Universe
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource


def between_policies(
    groups: Sequence[PodGroup], pods: Mapping[Resource, Pod], policies: Sequence[Policy], universe: Universe
) -> Iterator[PolicyFault]:
    """Yield a fault for every selector that tells apart the pods of one owner, then for priorities that two have."""
    yield from _ambiguous_selections(groups, pods, policies, universe)
    yield from _equal_priorities(policies, universe)


def _ambiguous_selections(
    groups: Sequence[PodGroup], pods: Mapping[Resource, Pod], policies: Sequence[Policy], universe: Universe
) -> Iterator[PolicyFault]:
    mixed: list[tuple[PodGroup, Ends]] = []
    for group in groups:
        members = {universe.number_of[pods[workload.resource]] for workload in group.workloads}
        if len(members) > 1:
            mixed.append((group, sum(1 << number for number in members)))
    for policy in policies if mixed else ():
        for path, ends in _selections(policy, universe):
            for group, members_of_group in mixed:
                if ends & members_of_group not in (0, members_of_group):
                    message = f"selects some of the pods of {group} and not the others"
                    yield PolicyFault(policy.resource, path, message, refused=False)


def _equal_priorities(policies: Sequence[Policy], universe: Universe) -> Iterator[PolicyFault]:
    """Yield a fault for a policy about pods of another one of the same priority: which is asked first is not defined.

    (network-policy-api, AdminNetworkPolicySpec, priority.)
    """
    seen: dict[tuple[Tier, int], list[tuple[Policy, Ends]]] = {}
    for policy in policies:
        if policy.tier is Tier.NETWORK or policy.resource.kind == "BaselineAdminNetworkPolicy":
            continue
        ends = universe.subjects(policy.subject, policy.namespace)
        known = seen.setdefault((policy.tier, policy.priority), [])
        for other, others in known:
            if ends & others and other.resource.kind == policy.resource.kind:
                message = f"is that of {other.resource.kind} {other.resource.name}: which is asked first is not defined"
                yield PolicyFault(policy.resource, ("spec", "priority"), message, refused=False)
                break
        known.append((policy, ends))


def undefined_order(policies: Sequence[Policy]) -> Iterator[Doubt]:
    """Yield a doubt where two cluster-wide policies about one pod have the same priority and rules that differ in what
    they do: the order of rules that do the same decides nothing.
    """
    asked = [policy for policy in policies if policy.tier is not Tier.NETWORK]
    for first, second in combinations(asked, 2):
        kind = second.resource.kind
        alike = (first.resource.kind, first.tier, first.priority) == (kind, second.tier, second.priority)
        if alike and any(_differ(first.rules(way), second.rules(way)) for way in Direction):
            names = f"{first.resource.name} and {second.resource.name}"
            yield Doubt(f"{kind} {names} have the same priority", second.resource)


def _differ(first: Sequence[Rule] | None, second: Sequence[Rule] | None) -> bool:
    return any(one.action is not other.action for one, other in product(first or (), second or ()))


def _selections(policy: Policy, universe: Universe) -> Iterator[tuple[Path, Ends]]:
    subject = "podSelector" if policy.tier is Tier.NETWORK else "subject"
    yield ("spec", subject), universe.subjects(policy.subject, policy.namespace)
    for rule in (*(policy.ingress or ()), *(policy.egress or ())):
        for entry in rule.peers or ():
            yield entry.path, universe.peers(entry.peer, policy.namespace)


def repeated_namespaces(resources: Iterable[Resource]) -> Iterator[PolicyFault]:
    """Yield a fault for every Namespace that is given again with other labels: which ones it has cannot be told."""
    seen: dict[str, Resource] = {}
    for resource in resources:
        is_namespace = resource.kind == "Namespace" and not resource.group
        if is_namespace and seen.setdefault(resource.name, resource).labels != resource.labels:
            message = "is that of another Namespace in the same input, which has other labels"
            yield PolicyFault(resource, ("metadata", "name"), message, refused=False)
