"""Needed connections that leave what the tree shows: hosts outside, the API server, Services of other namespaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from refarch_lint.graph.accounts import account_of
from refarch_lint.graph.addresses import ALL_IPV4, parse_address_range
from refarch_lint.graph.connectivity_pods import pod_in
from refarch_lint.graph.connectivity_rules import Action, AddressPeer, OtherPeer, PodPeer, Rule, Tier
from refarch_lint.graph.endpoints import is_address
from refarch_lint.graph.flow_ends import FlowEnd, end_of
from refarch_lint.graph.needed_flow import Evidence, FlowKind, FlowVerdict, NeededFlow, verdict_on
from refarch_lint.graph.outside_sources import may_be_namespace
from refarch_lint.graph.traffic import Need, NeedStatus
from refarch_lint.model.workload import Workload

if TYPE_CHECKING:
    from refarch_lint.graph.graph import ResourceGraph

API_SERVER: Final = "the Kubernetes API server"

#: Ports on which API servers listen: the Service's own, kubeadm's, MicroK8s's and that of some providers.
_API_PORTS: Final = (443, 6443, 16443, 8443)


def outgoing(graph: ResourceGraph) -> Iterator[NeededFlow]:
    """Yield the needed connections that leave the tree, judged at their source alone.

    Connections to a namespace that the tree does not show are yielded only where the source's policies deny them.
    """
    for need in graph.needs:
        if not isinstance(need.source, Workload):
            continue
        if need.status is NeedStatus.EXTERNAL:
            yield _to_host(need, need.source, graph)
        elif need.status is NeedStatus.UNVERIFIABLE and need.service is None:
            yield from _to_namespace(need, need.source, graph)
    for workload in graph.workloads:
        yield from _to_api_server(workload, graph)


def _to_host(need: Need, source: Workload, graph: ResourceGraph) -> NeededFlow:
    wanted = parse_address_range(need.host) if is_address(need.host) else None
    decision = graph.network.decide(source, wanted or ALL_IPV4, need.port, need.protocol)
    verdict, why = verdict_on(decision, need.port)
    ports = () if need.port is None else (need.port,)
    if verdict is FlowVerdict.DENIED and wanted is None and _reaches_addresses(source, ports, need.protocol, graph):
        verdict = FlowVerdict.ALLOWED
    return NeededFlow(
        FlowKind.OUTSIDE,
        source.resource,
        end_of(source, graph),
        FlowEnd(None, need.host),
        need.port,
        need.protocol,
        verdict,
        decision,
        (Evidence(need.reason, need.place, need.via),),
        why,
    )


def _to_namespace(need: Need, source: Workload, graph: ResourceGraph) -> Iterator[NeededFlow]:
    namespace = _namespace_of(need.host)
    if not namespace or namespace in graph.index.workloads_by_namespace or source.host_network:
        return
    model = graph.network
    pod = pod_in(namespace)
    decision = model.decide(source, pod)
    policies = model.policies_selecting(source)
    if decision.egress.allowed or decision.doubts or any(policy.tier is not Tier.NETWORK for policy in policies):
        return
    rules = (rule for policy in policies for rule in policy.egress or ())
    if any(_may_mean(rule, need, namespace, graph) for rule in rules):
        return
    yield NeededFlow(
        FlowKind.TRAFFIC,
        source.resource,
        end_of(source, graph),
        FlowEnd(None, need.host, (pod,)),
        None,
        need.protocol,
        FlowVerdict.DENIED,
        decision,
        (Evidence(need.reason, need.place, need.via),),
    )


def _namespace_of(host: str) -> str:
    """Return the namespace in a Service's qualified name, empty where the name has none."""
    labels = host.split(".")
    return labels[labels.index("svc") - 1] if "svc" in labels[2:] else ""


def _may_mean(rule: Rule, need: Need, namespace: str, graph: ResourceGraph) -> bool:
    """Tell whether a rule may let a connection to a namespace through: by its labels, or by addresses on that port."""
    namespaces = graph.network.universe.namespaces
    on_port = need.port is None or rule.allowed_ports(()).contains(need.port, need.protocol)
    for entry in rule.peers or ():
        peer = entry.peer
        if isinstance(peer, AddressPeer | OtherPeer) and on_port:
            return True
        selector = peer.namespaces if isinstance(peer, PodPeer) else None
        if selector is not None and may_be_namespace(selector, namespace, namespaces):
            return True
    return rule.peers is None


def _to_api_server(workload: Workload, graph: ResourceGraph) -> Iterator[NeededFlow]:
    """Yield the connection to the API server of a workload whose account has rights and whose pods get its token."""
    grants = graph.accounts.grants(account_of(workload))
    if not grants or not graph.accounts.mounts_token(workload) or workload.host_network:
        return
    decision = graph.network.decide(workload, ALL_IPV4, _API_PORTS[0])
    verdict, why = verdict_on(decision, _API_PORTS[0])
    if verdict is FlowVerdict.DENIED and _reaches_addresses(workload, _API_PORTS, "TCP", graph):
        verdict = FlowVerdict.ALLOWED
    yield NeededFlow(
        FlowKind.OUTSIDE,
        workload.resource,
        end_of(workload, graph),
        FlowEnd(None, API_SERVER),
        _API_PORTS[0],
        "TCP",
        verdict,
        decision,
        (Evidence(f"{grants[0].binding} gives its account rights", grants[0].place),),
        why,
    )


def _reaches_addresses(source: Workload, ports: tuple[int, ...], protocol: str, graph: ResourceGraph) -> bool:
    """Tell whether an egress rule lets a workload reach any address, or a name outside, on one of the ports.

    Without ports any port will do.
    """
    for policy in graph.network.policies_selecting(source):
        for rule in policy.egress or ():
            allowed = rule.allowed_ports(())
            fits = any(allowed.contains(port, protocol) for port in ports) if ports else not allowed.is_empty
            peers = [entry.peer for entry in rule.peers or ()]
            outside = rule.peers is None or any(isinstance(peer, AddressPeer | OtherPeer) for peer in peers)
            if fits and outside and rule.action is Action.ALLOW:
                return True
    return False
