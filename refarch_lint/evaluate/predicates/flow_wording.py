"""Words and places for denied connections: who cannot reach whom, which policy to edit, and the rule to add."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from refarch_lint.evaluate.subject import Note
from refarch_lint.graph.connectivity_decision import DirectionDecision
from refarch_lint.graph.connectivity_pods import Pod
from refarch_lint.graph.connectivity_rules import Direction
from refarch_lint.graph.flow_ends import FlowEnd
from refarch_lint.graph.flows import NeededFlow
from refarch_lint.graph.graph import ResourceGraph
from refarch_lint.graph.outside_sources import admitting_rule
from refarch_lint.graph.place import Place
from refarch_lint.graph.ports import PortSet
from refarch_lint.listing import listed
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, mapping, string_mapping
from refarch_lint.model.selector import equality_selector, parse_selector

#: Labels that change from release to release and so make poor selectors.
_PASSING_LABELS = frozenset(
    {"app.kubernetes.io/version", "version", "helm.sh/chart", "pod-template-hash", "app.kubernetes.io/managed-by"}
    | {"app.kubernetes.io/part-of", "chart", "heritage", "release"}
)

#: So many sources of one denied connection are named, because each has to stand in the rule to add.
_SOURCES_NAMED = 8


class DeniedSide(NamedTuple):
    """One side of a connection that policies deny, the policy to edit there, and the place in it to blame.

    `near` is a rule that lets the other end through on other ports only.
    """

    direction: Direction
    policy: Resource
    path: Path
    others: tuple[Resource, ...]
    near: str = ""
    refused: bool = False


def denied_sides(flow: NeededFlow, graph: ResourceGraph) -> Iterator[DeniedSide]:
    """Yield the sides that deny a connection, egress first."""
    if flow.decision is None:
        return
    for side in (flow.decision.egress, flow.decision.ingress):
        if side.allowed:
            continue
        if side.rules:
            rule = side.rules[0]
            yield DeniedSide(side.direction, rule.policy, rule.path, (), refused=True)
        elif side.policies:
            yield _isolating_side(flow, side, graph)


def _isolating_side(flow: NeededFlow, side: DirectionDecision, graph: ResourceGraph) -> DeniedSide:
    near = _on_other_ports(flow, side.direction, graph)
    if near is not None:
        policy, path, allowed = near
        others = tuple(item for item in side.policies if item is not policy)
        return DeniedSide(side.direction, policy, (*path, "ports"), others, str(allowed))
    policy = next((item for item in side.policies if not _selects_all(item)), side.policies[0])
    others = tuple(item for item in side.policies if item is not policy)
    has_rules = bool(policy.spec.get(side.direction.value))
    path = ("spec", side.direction.value) if has_rules else ("spec", "podSelector")
    return DeniedSide(side.direction, policy, path, others)


def _on_other_ports(
    flow: NeededFlow, direction: Direction, graph: ResourceGraph
) -> tuple[Resource, Path, PortSet] | None:
    """Return a rule that lets the other end through on other ports, with the ports; None where there is none."""
    if not flow.destination.pods or flow.port is None:
        return None
    pod, outsider = flow.destination.pods[0], flow.source.outsider
    if outsider is not None:
        found = admitting_rule(graph.network, pod, None, flow.protocol, outsider)
        return (found[0].resource, found[1].path, found[1].allowed_ports(pod.ports)) if found else None
    decision = graph.network.decide(flow.source.pods[0], pod)
    side = decision.egress if direction is Direction.EGRESS else decision.ingress
    if not side.allowed or side.ports.is_all or not side.rules:
        return None
    return side.rules[0].policy, side.rules[0].path, side.ports


def _selects_all(policy: Resource) -> bool:
    selector = parse_selector(policy.spec.get("podSelector"))
    return selector is None or selector.is_empty


def connection(*flows: NeededFlow) -> str:
    """Return `Deployment/api cannot reach StatefulSet/database on TCP 5432`, with namespaces where they differ.

    Several connections arrive at the same port of the same pods.
    """
    sources = listed(source_names(flows), _SOURCES_NAMED)
    return f"{sources} cannot reach {_named(flows[0].destination, flows)} on {ports(flows[0])}"


def source_names(flows: Sequence[NeededFlow]) -> list[str]:
    """Return who opens connections, each once."""
    return list(dict.fromkeys(_named(flow.source, flows) for flow in flows))


def ports(flow: NeededFlow) -> str:
    """Return the protocol and port of a connection, with the Service's where that is another one."""
    if flow.port is None:
        return "any port"
    dialled = f" (port {flow.dialled} of the Service)" if flow.dialled is not None else ""
    return f"{flow.protocol} {flow.port}{dialled}"


def _named(end: FlowEnd, flows: Sequence[NeededFlow]) -> str:
    namespaces = {pod.namespace for flow in flows for side in (flow.source, flow.destination) for pod in side.pods}
    return f"{end} of namespace {end.pods[0].namespace}" if end.pods and len(namespaces) > 1 else str(end)


def rule_to_add(flows: Sequence[NeededFlow], side: DeniedSide, graph: ResourceGraph) -> str:
    """Return in words the rule that would allow connections at one side, which they have in common."""
    flow = flows[0]
    is_ingress = side.direction is Direction.INGRESS
    inside = flow.destination if is_ingress else flow.source
    others = [item.source if is_ingress else item.destination for item in flows]
    peers = list(dict.fromkeys(_peer(other, inside, graph) for other in others))
    number = f"{flow.protocol} {flow.port}" if flow.port is not None else "its port"
    rule = (
        f"{_article(side.direction)} rule {'from' if is_ingress else 'to'} {listed(peers, _SOURCES_NAMED)} on {number}"
    )
    if side.near:
        return f"let that rule, which allows {side.near}, allow {number} too"
    if _selects_all(side.policy):
        return f"add a policy for {_pods(inside, graph)} with {rule}"
    return f"add {rule}"


def _article(direction: Direction) -> str:
    return f"an {direction.value}"


def _peer(end: FlowEnd, inside: FlowEnd, graph: ResourceGraph) -> str:
    if not end.pods:
        if end.outsider is None:
            return f"an ipBlock with the address of {end}"
        return "an ipBlock of their addresses" if not end.outsider.pods else f"the namespace of {end}"
    namespace = end.pods[0].namespace
    where = f" of namespace {namespace}" if inside.pods and namespace != inside.pods[0].namespace else ""
    return f"{_pods(end, graph)}{where}"


def _pods(end: FlowEnd, graph: ResourceGraph) -> str:
    if end.resource is None:
        return f"the pods of {end}"
    labels = _stable_labels(end, graph)
    shown = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
    return f"pods {shown}" if shown else f"the pods of {end} (which have no labels yet)"


def _stable_labels(end: FlowEnd, graph: ResourceGraph) -> Mapping[str, str]:
    """Return labels by which a policy can mean these pods from release to release."""
    pod: Pod = end.pods[0]
    own: Mapping[str, str] = {}
    if end.resource is not None and graph.workload(end.resource) is not None:
        selector = end.resource.spec.get("selector")
        labels = mapping(selector).get("matchLabels", selector)
        own = string_mapping(labels) if equality_selector(labels) is not None else {}
    if own and all(pod.label_mapping.get(key) == value for key, value in own.items()):
        return own
    return {key: value for key, value in pod.label_mapping.items() if key not in _PASSING_LABELS}


def notes_on(flows: Sequence[NeededFlow], side: DeniedSide, graph: ResourceGraph) -> Iterator[Note]:
    """Yield the places that explain a denial: what needs the connections, the pods at all ends, further policies."""
    for flow in flows:
        for item in flow.evidence:
            yield Note(f"needed: {item.reason}", item.place)
            if item.via is not None:
                yield Note(f"{flow.source} takes it in here", item.via)
    isolated = flows[0].destination if side.direction is Direction.INGRESS else flows[0].source
    for end in (*(flow.source for flow in flows), flows[0].destination):
        if (place := labels_of(end, graph)) is not None:
            yield Note(f"the pods of {end}{', which the policy isolates' if end is isolated else ''}", place)
    for other in side.others[:3]:
        yield Note(f"{other} isolates them too", Place(other, ("spec", "podSelector")))


def labels_of(end: FlowEnd, graph: ResourceGraph) -> Place | None:
    """Return the place of the labels by which policies select an end, None for what is outside."""
    if end.resource is None or not end.pods:
        return None
    workload = graph.workload(end.resource)
    if workload is None:
        return Place(end.resource, ("metadata", "name"))
    has_labels = workload.pod_metadata.get("labels") is not None
    return Place(end.resource, workload.pod_labels_path if has_labels else ("metadata", "name"))
