"""From a resource graph to a diagram: the architecture as a picture, or every object and relation for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from refarch_lint.evaluate.finding import Related
from refarch_lint.evaluate.roles import RoleBook
from refarch_lint.graph.connectivity_rules import Tier
from refarch_lint.graph.edge import Reference, ReferenceStatus, Relation
from refarch_lint.graph.flow_ends import ENTRANCE_KINDS, FlowEnd
from refarch_lint.graph.flows import FlowKind, FlowVerdict, NeededFlow
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.traffic import Need, NeedStatus
from refarch_lint.model.resource import Resource, ResourceId
from refarch_lint.report.diagram.value import Diagram, DiagramEdge, DiagramNode, EdgeStyle

#: The group of hosts that are not part of the cluster, and of pods that the tree does not show.
OUTSIDE = "outside"

#: API groups of meshes and proxies whose objects lead requests to Services.
_ROUTING_GROUPS = frozenset(
    {"networking.istio.io", "projectcontour.io", "route.openshift.io", "traefik.io", "traefik.containo.us"}
)

_STYLES = {
    FlowVerdict.ALLOWED: EdgeStyle.ALLOWED,
    FlowVerdict.DENIED: EdgeStyle.DENIED,
    FlowVerdict.PARTIAL: EdgeStyle.UNKNOWN,
    FlowVerdict.UNVERIFIABLE: EdgeStyle.UNKNOWN,
}


def architecture_diagram(graph: ResourceGraph, book: RoleBook) -> Diagram:
    """Return what runs and who reaches whom: workloads, operators' objects, entry points and needed connections.

    Roles are the groups, or namespaces where no architecture fits. Names that lead nowhere are ends that are not there.
    Metrics that a Prometheus outside the tree collects are drawn only where they are denied.
    """
    dangling = list(_dangling(graph))
    edges = _merged([*_flow_edges(graph, whole=False), *(item.edge for item in dangling)])
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    nodes = [
        _node(resource, graph, book)
        for resource in graph.resources
        if graph.workload(resource) is not None or _id(resource) in ends
    ]
    return Diagram((*_unique(nodes), *_absent_nodes(dangling), *_outside_nodes(edges, nodes, graph)), tuple(edges))


def _merged(edges: list[DiagramEdge]) -> list[DiagramEdge]:
    """Return edges that look the same as one, with the evidence of all."""
    found: dict[tuple[str, str, str, EdgeStyle], DiagramEdge] = {}
    for edge in edges:
        key = (edge.source, edge.target, edge.label, edge.style)
        known = found.get(key)
        evidence = tuple(dict.fromkeys((*known.evidence, *edge.evidence))) if known else edge.evidence
        found[key] = replace(known or edge, evidence=evidence)
    return list(found.values())


def whole_diagram(graph: ResourceGraph, book: RoleBook) -> Diagram:
    """Return every object with its role, and every relation between objects with the evidence at both ends."""
    edges = [
        DiagramEdge(
            _id(edge.source.resource),
            _id(edge.target.resource),
            "",
            EdgeStyle.ALLOWED,
            edge.relation.value,
            (Related("stated here", edge.source.locate()), Related("arrives here", edge.target.locate())),
        )
        for edge in graph.edges
    ]
    dangling, unknown = list(_dangling(graph)), list(_unverifiable(graph))
    edges += [
        *_route_edges(graph),
        *_admin_edges(graph),
        *_flow_edges(graph, whole=True),
        *(item.edge for item in (*dangling, *unknown)),
    ]
    nodes = list(_unique([_node(resource, graph, book) for resource in graph.resources]))
    nodes += _absent_nodes(dangling)
    known = {node.id for node in nodes}
    nodes += (node for node in _absent_nodes(unknown, absent=False) if node.id not in known)
    return Diagram((*nodes, *_outside_nodes(edges, nodes, graph)), tuple(dict.fromkeys(edges)))


def _id(resource: Resource) -> str:
    return resource.id.qualified


def _unique(nodes: list[DiagramNode]) -> tuple[DiagramNode, ...]:
    return tuple({node.id: node for node in reversed(nodes)}.values())[::-1]


def _node(resource: Resource, graph: ResourceGraph, book: RoleBook) -> DiagramNode:
    role = book.role_of(resource)
    several = len(graph.index.workloads_by_namespace) > 1
    where = f" in {resource.namespace}" if several and resource.namespace else ""
    group = role.title if role is not None else f"namespace {resource.namespace}" if resource.namespace else ""
    return DiagramNode(
        _id(resource),
        f"{resource.kind} {resource.name}{where}",
        group,
        resource.kind,
        resource.namespace,
        resource.name,
        role.id if role is not None else "",
    )


def _outside_nodes(edges: list[DiagramEdge], nodes: list[DiagramNode], graph: ResourceGraph) -> Iterator[DiagramNode]:
    """Yield the ends that exist without being objects of the tree; those that should exist stay without a node."""
    known = {node.id for node in nodes}
    hosts = {flow.destination.name for flow in graph.flows.flows if flow.kind is FlowKind.OUTSIDE}
    hosts |= {flow.source.name for flow in graph.flows.flows if flow.source.outsider is not None}
    hosts |= {need.host for need in graph.needs if need.status is NeedStatus.UNVERIFIABLE}
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    for host in sorted((ends & hosts) - known):
        yield DiagramNode(host, host, OUTSIDE)


def _flow_edges(graph: ResourceGraph, *, whole: bool) -> Iterator[DiagramEdge]:
    for flow in graph.flows.flows:
        unseen = flow.kind is FlowKind.SCRAPE and flow.source.outsider is not None
        if unseen and not whole and flow.verdict is not FlowVerdict.DENIED:
            continue
        relation = Relation.SCRAPES if flow.kind is FlowKind.SCRAPE else Relation.CONNECTS_TO
        yield DiagramEdge(
            _source(flow), _end(flow.destination), _label(flow), _STYLES[flow.verdict], relation.value, _evidence(flow)
        )
    for need in graph.needs:
        if need.status is NeedStatus.UNVERIFIABLE and need.host:
            yield _need_edge(need, need.host, EdgeStyle.UNKNOWN)


def _route_edges(graph: ResourceGraph) -> Iterator[DiagramEdge]:
    """Yield the Services to which objects of meshes and proxies lead; Ingresses and Gateway API routes name theirs."""
    for need in graph.needs:
        source, service = need.asked_by, need.service
        if source.group in _ROUTING_GROUPS and service is not None and need.status is NeedStatus.RESOLVED:
            arrival = Related("arrives here", service.locate(("metadata", "name")))
            evidence = (Related(need.reason, need.place.locate()), arrival)
            relation = Relation.ROUTES_TO.value
            yield DiagramEdge(_id(source), _id(service), "", EdgeStyle.ALLOWED, relation, evidence)


def _admin_edges(graph: ResourceGraph) -> Iterator[DiagramEdge]:
    """Yield the workloads that policies of the whole cluster are about."""
    for policy in graph.network.policies:
        if policy.tier is Tier.NETWORK:
            continue
        stated = Related("stated here", policy.resource.locate(("spec", "subject")))
        for workload in graph.network.workloads_selected_by(policy):
            evidence = (stated, Related("arrives here", workload.resource.locate(workload.pod_labels_path)))
            relation = Relation.ISOLATES.value
            yield DiagramEdge(_id(policy.resource), _id(workload.resource), "", EdgeStyle.ALLOWED, relation, evidence)


def _source(flow: NeededFlow) -> str:
    """Return the object that a reader takes for the source: the route rather than its unseen controller."""
    shown = flow.asked_by.kind in ENTRANCE_KINDS or flow.asked_by.kind in ("Service", "VirtualService", "ConfigMap")
    return _id(flow.asked_by) if flow.source.outsider is not None and shown else _end(flow.source)


def _end(end: FlowEnd) -> str:
    return _id(end.resource) if end.resource is not None and end.outsider is None else end.name


def _label(flow: NeededFlow) -> str:
    if flow.port is None:
        return ""
    return str(flow.port) if flow.protocol == "TCP" else f"{flow.protocol} {flow.port}"


def _evidence(flow: NeededFlow) -> tuple[Related, ...]:
    found = [Related(item.reason, item.place.locate()) for item in flow.evidence]
    if flow.destination.resource is not None and flow.destination.outsider is None:
        found.append(Related("arrives here", flow.destination.resource.locate(("metadata", "name"))))
    if flow.decision is not None:
        for side in (flow.decision.egress, flow.decision.ingress):
            found += [
                Related(f"{rule.policy} {rule.action.verb} its {side.direction.value}", rule.locate())
                for rule in side.rules
            ]
            if not side.allowed and not side.rules:
                found += [
                    Related(f"{policy} denies its {side.direction.value}", policy.locate(("spec", "podSelector")))
                    for policy in side.policies
                ]
    return tuple(dict.fromkeys(found))


class _Ghost(NamedTuple):
    """An edge to what the tree does not have, and what that is."""

    edge: DiagramEdge
    named: ResourceId


def _absent_nodes(ghosts: Iterable[_Ghost], *, absent: bool = True) -> tuple[DiagramNode, ...]:
    found: dict[str, DiagramNode] = {}
    for edge, named in ghosts:
        end = edge.target
        group = "" if absent else OUTSIDE
        found[end] = DiagramNode(end, end, group, named.kind, named.namespace, named.name, absent=absent)
    return tuple(found.values())


def _dangling(graph: ResourceGraph) -> Iterator[_Ghost]:
    """Yield the names that lead nowhere: Services and ports that are needed, and objects and keys that are named."""
    for need in graph.needs:
        if need.status is NeedStatus.MISSING_SERVICE:
            missing = _missing_service(need)
            yield _Ghost(_need_edge(need, missing.qualified, EdgeStyle.DANGLING), missing)
        elif need.status is NeedStatus.MISSING_PORT and need.service is not None:
            edge = _need_edge(need, f"{_id(need.service)} port {need.port}", EdgeStyle.DANGLING)
            yield _Ghost(edge, need.service.id)
    for reference in graph.references:
        if reference.is_broken and reference.relation is not Relation.ROUTES_TO:
            key = f" key {reference.key}" if reference.key is not None and reference.target is not None else ""
            yield _named(reference, key, EdgeStyle.DANGLING)


def _unverifiable(graph: ResourceGraph) -> Iterator[_Ghost]:
    """Yield the names of objects of which the tree cannot tell whether they are there."""
    for reference in graph.references:
        if reference.status is ReferenceStatus.UNVERIFIABLE and reference.relation is not Relation.ROUTES_TO:
            yield _named(reference, "", EdgeStyle.UNKNOWN)


def _named(reference: Reference, key: str, style: EdgeStyle) -> _Ghost:
    missing = ResourceId(reference.group, reference.kind, reference.namespace, reference.name)
    why = f": {reference.note}" if reference.note else ""
    evidence = (Related(f"named by {reference.place.resource}{why}", reference.place.locate()),)
    relation, source = reference.relation.value, _id(reference.place.resource)
    return _Ghost(DiagramEdge(source, missing.qualified + key, relation, style, relation, evidence), missing)


def _missing_service(need: Need) -> ResourceId:
    name, _, rest = need.host.partition(".")
    return ResourceId("", "Service", rest.partition(".")[0] or need.asked_by.namespace, name)


def _need_edge(need: Need, target: str, style: EdgeStyle) -> DiagramEdge:
    label = "" if need.port is None else str(need.port)
    evidence = (Related(need.reason, need.place.locate()),)
    return DiagramEdge(_id(need.asked_by), target, label, style, Relation.CONNECTS_TO.value, evidence)
