"""Whom the ingress rules of a pod let in on a port, rule by rule: everyone, whole namespaces, or workloads by label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from refarch_lint.graph.connectivity_pods import Pod
from refarch_lint.graph.connectivity_rules import AddressPeer, PodPeer, Policy, Rule
from refarch_lint.graph.outside_sources import ingress_rules
from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.selector import LabelSelector
from refarch_lint.model.workload import Workload

if TYPE_CHECKING:
    from refarch_lint.graph.graph import ResourceGraph

#: More IPv4 addresses than this are no network that somebody owns.
_WIDE: Final = 1 << 25


class Admission(NamedTuple):
    """One way into a pod: the place of the peer, in words whom it means, and which workloads of the tree those are.

    `everyone` tells that pods of the whole cluster or addresses of the whole world are meant, `by_label` that the
    peer picks pods by their labels.
    """

    place: Place
    whom: str
    members: tuple[Workload, ...]
    everyone: bool
    by_label: bool


def admissions(graph: ResourceGraph, pod: Pod, port: int, protocol: str = "TCP") -> Iterator[Admission]:
    """Yield every way by which NetworkPolicies let somebody reach a port of a pod."""
    for policy, rule in ingress_rules(graph.network, pod, port, protocol):
        if rule.peers is None:
            yield Admission(Place(policy.resource, rule.path), "everyone", graph.workloads, True, False)
            continue
        yield from _by_peer(graph, policy, rule)


def way_for_everyone(rule: Rule) -> Path | None:
    """Return the place by which an ingress rule lets in every pod of the cluster or the whole world, or None."""
    if rule.peers is None:
        return rule.path
    for entry in rule.peers:
        peer = entry.peer
        if isinstance(peer, AddressPeer):
            if _is_wide(peer):
                return entry.path
        elif isinstance(peer, PodPeer) and peer.pods.is_empty and peer.namespaces == LabelSelector():
            return entry.path
    return None


def _is_wide(peer: AddressPeer) -> bool:
    return sum(item.last - item.first + 1 for item in peer.ranges if item.version == 4) > _WIDE


def _by_peer(graph: ResourceGraph, policy: Policy, rule: Rule) -> Iterator[Admission]:
    for entry in rule.peers or ():
        place, peer = Place(policy.resource, entry.path), entry.peer
        if isinstance(peer, AddressPeer):
            if _is_wide(peer):
                yield Admission(place, "addresses of the whole internet", (), True, False)
            continue
        if not isinstance(peer, PodPeer) or peer.pods.faults:
            continue
        members = graph.network.workloads_of(graph.network.universe.peers(peer, policy.namespace))
        if not peer.pods.is_empty:
            yield Admission(place, f"pods {peer.pods}", members, False, True)
        elif peer.namespaces is None:
            yield Admission(place, f"every pod of namespace {policy.namespace}", members, False, False)
        elif peer.namespaces.is_empty:
            yield Admission(place, "every pod of the cluster", members, True, False)
        else:
            yield Admission(place, f"every pod of namespaces with {peer.namespaces}", members, False, False)
