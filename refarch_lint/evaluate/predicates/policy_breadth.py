"""Rules of NetworkPolicies that let in or out far more than anybody needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from refarch_lint.evaluate.context import RuleContext, RunContext
from refarch_lint.evaluate.predicates.datastore_access import STORES
from refarch_lint.evaluate.subject import Fault, Note
from refarch_lint.graph.admission import way_for_everyone
from refarch_lint.graph.connectivity_rules import Direction, Policy, Rule, Tier
from refarch_lint.graph.edge import Relation
from refarch_lint.graph.flows import FlowKind
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.place import Place
from refarch_lint.graph.ports import PortSet
from refarch_lint.graph.workload_places import pod_labels
from refarch_lint.listing import listed
from refarch_lint.model.resource import mapping, sequence
from refarch_lint.model.workload import Workload
from refarch_lint.severity import Severity

#: So many policies of a namespace that undo an isolation alike are told one by one.
_TOLD_APART = 3


class _Opening(NamedTuple):
    """A rule without peers and ports, and the workloads that it opens although something says that they are shut."""

    policy: Policy
    rule: Rule
    direction: Direction
    members: tuple[Workload, ...]


def undone(workload: Workload, context: RuleContext) -> Iterator[Fault]:
    """Yield a warning for a direction in which a policy isolates a workload and a rule then lets everything through.

    A rule is told once, at the first workload that it opens; everything going out is told where a default deny says
    that it should not. A few policies are told one by one, many of a namespace together, alike by each of their
    workloads: they are the habit of the project.
    """
    openings = context.run.once(_openings, workload.namespace)
    for direction in Direction:
        alike = [opening for opening in openings if opening.direction is direction]
        if len(alike) > _TOLD_APART:
            if any(member.resource is workload.resource for opening in alike for member in opening.members):
                yield _undone_by_many(alike)
            continue
        for opening in alike:
            if opening.members[0].resource is workload.resource:
                yield _undone(opening)


def _openings(run: RunContext, namespace: str) -> tuple[_Opening, ...]:
    """Return the rules of a namespace's policies that open what is meant to be shut."""
    model = run.graph.network
    found = []
    for policy in model.policies_in(namespace):
        if policy.tier is not Tier.NETWORK:
            continue
        if policy.subject.pods.is_empty and run.runs("namespace-default-deny"):
            continue  # that rule tells of policies for whole namespaces
        for direction in Direction:
            rule = next((rule for rule in policy.rules(direction) or () if _is_open(rule)), None)
            if rule is None:
                continue
            members = tuple(
                workload
                for workload in model.workloads_selected_by(policy)
                if not workload.host_network and _is_meant_shut(workload, direction, run)
            )
            if members:
                found.append(_Opening(policy, rule, direction, members))
    return tuple(found)


def _is_open(rule: Rule) -> bool:
    return rule.peers is None and rule.ports is None


def _is_meant_shut(workload: Workload, direction: Direction, run: RunContext) -> bool:
    if direction is Direction.INGRESS:
        told = run.runs("datastore-closed") and STORES & run.roles.traits(workload.resource)
        return not told
    return bool(run.graph.network.namespace_isolation(workload.namespace).egress)


def _undone(opening: _Opening) -> Fault:
    policy, rule, direction, members = opening
    first, others = members[0], len(members) - 1
    more = f" (and {others} more)" if others else ""
    return Fault(
        f"{first}{more} is isolated for {direction.value} in name only: "
        f"a rule of {policy.resource} without peers and ports lets everything {_way(direction)}",
        Place(policy.resource, rule.path),
        (Note(f"the pods of {first}", pod_labels(first)),),
        Severity.WARNING,
    )


def _undone_by_many(openings: list[_Opening]) -> Fault:
    first, direction = openings[0], openings[0].direction
    workloads = dict.fromkeys(workload for opening in openings for workload in opening.members)
    return Fault(
        f"{listed(list(workloads))} are isolated for {direction.value} in name only: rules without peers and ports of "
        f"{listed([opening.policy.resource for opening in openings])} let everything {_way(direction)}",
        Place(first.policy.resource, first.rule.path),
        tuple(
            Note(f"the rule of {opening.policy.resource}", Place(opening.policy.resource, opening.rule.path))
            for opening in openings[1:]
        ),
        Severity.WARNING,
    )


def _way(direction: Direction) -> str:
    return "in" if direction is Direction.INGRESS else "out"


def open_to_everyone(policy: Policy, context: RuleContext) -> Iterator[Fault]:
    """Yield the ingress rules by which everyone may reach a port that the tree needs for known clients only.

    Nothing is said of the data of datastores, which have a rule of their own, of pods that anybody outside the cluster
    or the API server has to reach, and of those of whose clients nothing is known.
    """
    members = context.graph.network.workloads_selected_by(policy)
    for rule in policy.ingress or ():
        place = way_for_everyone(rule) if rule.ports is not None else None
        if place is None:
            continue
        judged = [(member, _clients(member, rule, context)) for member in members]
        if not judged or any(clients is None for _, clients in judged):
            continue
        member, clients = next(((item, found) for item, found in judged if found), (members[0], None))
        if clients:
            ports = rule.allowed_ports(context.graph.network.pod(member).ports)
            yield _open(policy, Place(policy.resource, place), member, ports, clients)


def _clients(workload: Workload, rule: Rule, context: RuleContext) -> tuple[str, ...] | None:
    """Return who needs the ports of a rule; None where clients may be none that can be named, or another rule tells."""
    graph = context.graph
    if _is_called_by_the_cluster(workload, graph):
        return None
    ports = rule.allowed_ports(graph.network.pod(workload).ports)
    flows = [
        flow
        for flow in graph.flows.by_destination.get(workload.resource, ())
        if flow.port is None or ports.contains(flow.port, flow.protocol)
    ]
    others = [flow for flow in flows if flow.kind is not FlowKind.SCRAPE]
    if any(flow.source.outsider is not None or flow.source.resource is None for flow in others):
        return None
    if others and STORES & context.roles.traits(workload.resource):
        return None
    return tuple(dict.fromkeys(str(flow.source) for flow in flows))


def _is_called_by_the_cluster(workload: Workload, graph: ResourceGraph) -> bool:
    """Tell whether the API server or a node's address leads to a workload: webhooks, aggregated APIs, host ports."""
    ports = (mapping(port) for item in workload.containers for port in sequence(item.data.get("ports")))
    if workload.host_network or any(port.get("hostPort") for port in ports):
        return True
    return any(graph.incoming(service, Relation.USES) for service in graph.services_of(workload))


def _open(policy: Policy, place: Place, member: Workload, ports: PortSet, clients: tuple[str, ...]) -> Fault:
    return Fault(
        f"{policy.resource} lets everyone reach {member} on {ports}, which only {listed(clients)} "
        f"{'needs' if len(clients) == 1 else 'need'}",
        place,
        (Note(f"the pods of {member}", pod_labels(member)),),
    )
