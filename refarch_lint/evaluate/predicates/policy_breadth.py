"""Rules of NetworkPolicies that let in or out far more than anybody needs."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.context import RuleContext
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


def undone(workload: Workload, context: RuleContext) -> Iterator[Fault]:
    """Yield a warning for a direction in which a policy isolates a workload and a rule then lets everything through.

    A rule is told once, at the first workload that it opens; everything going out is told where a default deny says
    that it should not.
    """
    model = context.graph.network
    for policy in model.policies_selecting(workload):
        if policy.tier is not Tier.NETWORK:
            continue
        if policy.subject.pods.is_empty and context.run.runs("namespace-default-deny"):
            continue  # that rule tells of policies for whole namespaces
        for direction in Direction:
            rule = next((rule for rule in policy.rules(direction) or () if _is_open(rule)), None)
            if rule is None or not _is_meant_shut(workload, direction, context):
                continue
            members = [
                other
                for other in model.workloads_selected_by(policy)
                if not other.host_network and _is_meant_shut(other, direction, context)
            ]
            if members[0].resource is workload.resource:
                yield _undone(policy, rule, direction, members)


def _is_open(rule: Rule) -> bool:
    return rule.peers is None and rule.ports is None


def _is_meant_shut(workload: Workload, direction: Direction, context: RuleContext) -> bool:
    if direction is Direction.INGRESS:
        told = context.run.runs("datastore-closed") and STORES & context.roles.traits(workload.resource)
        return not told
    return bool(context.graph.network.namespace_isolation(workload.namespace).egress)


def _undone(policy: Policy, rule: Rule, direction: Direction, members: list[Workload]) -> Fault:
    first, others = members[0], len(members) - 1
    more = f" (and {others} more)" if others else ""
    way = "in" if direction is Direction.INGRESS else "out"
    return Fault(
        f"{first}{more} is isolated for {direction.value} in name only: "
        f"a rule of {policy.resource} without peers and ports lets everything {way}",
        Place(policy.resource, rule.path),
        (Note(f"the pods of {first}", pod_labels(first)),),
        Severity.WARNING,
    )


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
