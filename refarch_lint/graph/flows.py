"""Every needed connection with the verdict of the network policies on it: worked out once, asked by many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from refarch_lint.graph.addresses import ALL_IPV4, AddressRange
from refarch_lint.graph.connectivity_decision import Decision, RuleReference
from refarch_lint.graph.connectivity_pods import Pod, pod_in
from refarch_lint.graph.connectivity_rules import Direction, PodPeer, Tier
from refarch_lint.graph.egress_flows import outgoing
from refarch_lint.graph.flow_ends import (
    ENTRANCE_KINDS,
    Arrival,
    FlowEnd,
    arrivals,
    arrivals_at_service,
    near,
    parent_namespaces,
    sources_of,
)
from refarch_lint.graph.grouped import grouped
from refarch_lint.graph.needed_flow import Evidence, FlowKind, FlowVerdict, NeededFlow, verdict_on
from refarch_lint.graph.operator_pods import may_match, writes_own_policies
from refarch_lint.graph.outside_sources import (
    CLIENTS,
    INGRESS_NAMESPACES,
    Outsider,
    admitting_rule,
    ingress_controller,
)
from refarch_lint.graph.place import Place
from refarch_lint.graph.scrape_flows import scrapes
from refarch_lint.graph.traffic import Need, NeedStatus
from refarch_lint.graph.traffic_services import service_ports
from refarch_lint.model.resource import Resource
from refarch_lint.model.selector import LabelSelector

if TYPE_CHECKING:
    from refarch_lint.graph.graph import ResourceGraph


@dataclass(frozen=True, eq=False)
class FlowBook:
    """The needed connections of a tree, judged; ingress controllers may run in `ingress_namespaces`."""

    graph: ResourceGraph
    ingress_namespaces: tuple[str, ...] = INGRESS_NAMESPACES

    @cached_property
    def flows(self) -> tuple[NeededFlow, ...]:
        """Every needed connection, in the order of the input; the same connection is there once, with all evidence."""
        kept: dict[tuple[object, ...], NeededFlow] = {}
        for flow in self._all():
            key = (flow.asked_by, flow.source, flow.destination, flow.port, flow.protocol)
            known = kept.get(key)
            kept[key] = replace(known, evidence=known.evidence + flow.evidence) if known else flow
        return tuple(kept.values())

    @cached_property
    def by_source(self) -> Mapping[Resource, tuple[NeededFlow, ...]]:
        """The needed connections by the object that needs them."""
        return grouped((flow.asked_by, flow) for flow in self.flows)

    @cached_property
    def by_destination(self) -> Mapping[Resource, tuple[NeededFlow, ...]]:
        """The needed connections by the resource at which they arrive."""
        ends = ((flow.destination.resource, flow) for flow in self.flows)
        return grouped((resource, flow) for resource, flow in ends if resource is not None)

    def _all(self) -> Iterator[NeededFlow]:
        controller = ingress_controller(self.ingress_namespaces)
        for need in self.graph.needs:
            if need.status is NeedStatus.RESOLVED and need.service is not None:
                yield from self._inside(need, controller)
        yield from outgoing(self.graph)
        for service in self.graph.index.of_kind("Service", ""):
            if service.spec.get("type") in ("LoadBalancer", "NodePort"):
                yield from self._exposed(service)
        for scrape in scrapes(self.graph):
            if scrape.source.resource is scrape.arrival.end.resource:
                continue  # a pod always reaches itself
            evidence = Evidence(scrape.reason, scrape.place)
            yield self._judged(FlowKind.SCRAPE, scrape.place.resource, scrape.source, scrape.arrival, evidence)

    def _inside(self, need: Need, controller: Outsider) -> Iterator[NeededFlow]:
        asked_by = need.asked_by
        if asked_by.kind in ENTRANCE_KINDS:
            for namespace in parent_namespaces(asked_by):
                controller = near(controller, namespace)
        kind = FlowKind.ENTRANCE if asked_by.kind in ENTRANCE_KINDS else FlowKind.TRAFFIC
        for source in sources_of(need, self.graph, controller):
            for arrival in arrivals(need, self.graph):
                evidence = Evidence(need.reason, need.place, need.via)
                flow = self._judged(kind, asked_by, source, arrival, evidence)
                dialled = need.port if need.port != arrival.port else None
                yield replace(flow, dialled=dialled)

    def _exposed(self, service: Resource) -> Iterator[NeededFlow]:
        evidence = Evidence(f"{service} lets them in", Place(service, ("spec", "type")))
        source = FlowEnd(service, CLIENTS.name, (), CLIENTS)
        for number, protocol, _ in service_ports(service):
            for arrival in arrivals_at_service(service, number, protocol, self.graph):
                flow = self._judged(FlowKind.ENTRANCE, service, source, arrival, evidence)
                yield replace(flow, dialled=number if number != arrival.port else None)

    def _judged(
        self, kind: FlowKind, asked_by: Resource, source: FlowEnd, arrival: Arrival, evidence: Evidence
    ) -> NeededFlow:
        end, port, protocol = arrival
        if source.outsider is not None:
            verdict, decision, why = self._from_outsider(source.outsider, end, port, protocol)
        else:
            verdict, decision, why = self._between(source, end, port, protocol)
        return NeededFlow(kind, asked_by, source, end, port, protocol, verdict, decision, (evidence,), why)

    def _between(
        self, source: FlowEnd, end: FlowEnd, port: int | None, protocol: str
    ) -> tuple[FlowVerdict, Decision, str]:
        model = self.graph.network
        decisions = [model.decide(one, other, port, protocol) for one in source.pods for other in end.pods]
        decision = next((item for item in decisions if item.allowed), decisions[0])
        verdict, why = verdict_on(decision, port)
        if verdict is FlowVerdict.DENIED and (doubt := self._doubt(decision, source, end)):
            return FlowVerdict.PARTIAL, decision, doubt
        return verdict, decision, why

    def _from_outsider(
        self, outsider: Outsider, end: FlowEnd, port: int | None, protocol: str
    ) -> tuple[FlowVerdict, Decision, str]:
        model = self.graph.network
        asker: Pod | AddressRange = pod_in(outsider.namespaces[0]) if outsider.pods else ALL_IPV4
        decision = model.decide(asker, end.pods[0], port, protocol)
        verdict, why = verdict_on(decision, port)
        if decision.allowed or decision.doubts:
            return verdict, decision, why
        for pod in end.pods:
            if (admitting := admitting_rule(model, pod, port, protocol, outsider)) is not None:
                policy, rule = admitting
                rules = (RuleReference(policy.resource, rule.path, rule.action),)
                ingress = decision.ingress._replace(allowed=True, rules=rules)
                return FlowVerdict.ALLOWED, decision._replace(allowed=True, ingress=ingress), ""
            if any(policy.tier is not Tier.NETWORK for policy in model.policies_selecting(pod)):
                return FlowVerdict.PARTIAL, decision, f"which pods are those of {outsider.name} is not known"
        if doubt := self._doubt(decision, FlowEnd(None, ""), end):
            return FlowVerdict.PARTIAL, decision, doubt
        return verdict, decision, why

    def _doubt(self, decision: Decision, source: FlowEnd, end: FlowEnd) -> str:
        """Return why a denial may be none, as far as operators' pods are concerned; empty if one side surely denies."""
        reasons = []
        for side, here, other in ((decision.egress, source, end), (decision.ingress, end, source)):
            if not side.allowed:
                reason = self._doubt_about(here) or self._doubt_about_peer(side.direction, here, other)
                if not reason:
                    return ""
                reasons.append(reason)
        return reasons[0] if reasons else ""

    def _is_operated(self, end: FlowEnd) -> bool:
        return end.resource is not None and bool(end.pods) and self.graph.workload(end.resource) is None

    def _doubt_about(self, here: FlowEnd) -> str:
        """Return why pods of an operator may be under other policies than those that select them for sure."""
        if here.resource is None or not self._is_operated(here):
            return ""
        if writes_own_policies(here.resource):
            return f"the operator writes NetworkPolicies of its own for {here.resource}"
        for policy in self.graph.network.policies_in(here.pods[0].namespace):
            if _only_may_match(policy.subject.pods, here.pods):
                return f"{policy.resource} may select pods of {here.resource} by labels that are not known"
        return ""

    def _doubt_about_peer(self, direction: Direction, here: FlowEnd, other: FlowEnd) -> str:
        """Return why a peer of a policy may mean pods of an operator that it does not mean for sure."""
        if not here.pods or not self._is_operated(other):
            return ""
        for policy in self.graph.network.policies_selecting(here.pods[0]):
            for rule in policy.rules(direction) or ():
                for entry in rule.peers or ():
                    selector = entry.peer.pods if isinstance(entry.peer, PodPeer) else None
                    if selector is not None and _only_may_match(selector, other.pods):
                        return f"{policy.resource} may mean pods of {other} by labels that are not known"
        return ""


def _only_may_match(selector: LabelSelector, pods: tuple[Pod, ...]) -> bool:
    """Tell whether a selector may match some of an operator's pods without matching any for sure."""
    if any(selector.matches(pod.label_mapping) for pod in pods):
        return False
    return any(may_match(selector, pod) for pod in pods)


def denied(flows: Iterable[NeededFlow]) -> Iterator[NeededFlow]:
    """Yield the connections that are needed and certainly denied."""
    return (flow for flow in flows if flow.verdict is FlowVerdict.DENIED)


__all__ = ["Evidence", "FlowBook", "FlowKind", "FlowVerdict", "NeededFlow", "denied"]
