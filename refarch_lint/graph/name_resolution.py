"""Whether pods may ask the cluster's DNS, over UDP and TCP, under the policies that isolate them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from refarch_lint.graph.connectivity_pods import NAMESPACE_NAME_LABEL, pod_in
from refarch_lint.graph.connectivity_rules import AddressPeer, NamedPort, OtherPeer, Peer, PodPeer, Policy, Rule, Tier
from refarch_lint.graph.grouped import grouped
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource
from refarch_lint.model.selector import LabelSelector
from refarch_lint.model.workload import Workload

if TYPE_CHECKING:
    from refarch_lint.graph.graph import ResourceGraph

PROTOCOLS: Final = ("UDP", "TCP")

#: Namespaces in which cluster DNS runs, with the port of its pods.
_DNS_NAMESPACES: Final = {"kube-system": 53, "openshift-dns": 5353}

#: The DNS pods as kubeadm, MicroK8s and the cloud providers deploy them (Kubernetes documentation, DNS).
_DNS_POD: Final = pod_in(
    "kube-system",
    {"k8s-app": "kube-dns"},
    (NamedPort("dns", "UDP", 53), NamedPort("dns-tcp", "TCP", 53)),
)


class WithoutNames(NamedTuple):
    """A workload that may not ask DNS over some protocols, and the policy to edit.

    `path` leads to the rule that lets the other protocol through, else to what isolates. `sealed` tells that the
    pods may connect to nothing at all. `doubt` says why the answer is not certain.
    """

    workload: Workload
    protocols: tuple[str, ...]
    policy: Resource
    path: Path
    sealed: bool
    doubt: str


@dataclass(frozen=True, eq=False)
class NameResolution:
    """Which isolated workloads of a tree cannot resolve names."""

    graph: ResourceGraph

    @cached_property
    def by_policy(self) -> Mapping[Resource, tuple[WithoutNames, ...]]:
        """The workloads that cannot resolve names, by the policy to edit, in reading order."""
        judged = (self._judged(workload) for workload in self.graph.workloads if not workload.host_network)
        return grouped((item.policy, item) for item in judged if item is not None)

    def _judged(self, workload: Workload) -> WithoutNames | None:
        model = self.graph.network
        policies = [
            policy
            for policy in model.policies_selecting(workload)
            if policy.tier is Tier.NETWORK and policy.egress is not None
        ]
        if not policies:
            return None
        refused = [item for item in PROTOCOLS if not model.egress_of(workload, _DNS_POD, 53, item).allowed]
        if not refused:
            return None
        admitting = {protocol: list(_admitting(policies, protocol, workload.namespace)) for protocol in PROTOCOLS}
        denied = tuple(item for item in refused if not admitting[item])
        if not denied:
            return None
        doubts = model.decide(workload, _DNS_POD, 53, denied[0]).doubts
        sealed = not any(policy.egress for policy in policies)
        near = [match for protocol in PROTOCOLS for match in admitting[protocol]]
        if near:
            policy, rule = near[0]
            return WithoutNames(
                workload, denied, policy.resource, (*rule.path, "ports"), False, doubts[0].reason if doubts else ""
            )
        blamed = next((policy for policy in policies if policy.subject.pods.is_empty), policies[0])
        path: Path = ("spec", "egress") if blamed.egress else ("spec", "podSelector")
        return WithoutNames(workload, denied, blamed.resource, path, sealed, doubts[0].reason if doubts else "")


def _admitting(policies: Sequence[Policy], protocol: str, namespace: str) -> Iterator[tuple[Policy, Rule]]:
    for policy in policies:
        for rule in policy.egress or ():
            numbers = [
                number
                for number in dict.fromkeys(_DNS_NAMESPACES.values())
                if rule.allowed_ports(_DNS_POD.ports).contains(number, protocol)
            ]
            if numbers and (rule.peers is None or any(_is_dns(entry.peer, numbers, namespace) for entry in rule.peers)):
                yield policy, rule


def _is_dns(peer: Peer, numbers: Sequence[int], namespace: str) -> bool:
    """Tell whether a peer may mean the DNS pods, the DNS address, or the cache on each node."""
    if isinstance(peer, AddressPeer | OtherPeer):
        return True
    if not isinstance(peer, PodPeer):
        return False
    selector = peer.pods
    means_dns = selector.is_empty or selector.matches(_DNS_POD.label_mapping) or "dns" in str(selector).lower()
    if not means_dns:
        return False
    if peer.namespaces is None:
        return namespace in _DNS_NAMESPACES
    return any(number in numbers and _may_match(peer.namespaces, name) for name, number in _DNS_NAMESPACES.items())


def _may_match(selector: LabelSelector, name: str) -> bool:
    """Tell whether a selector may match a namespace of which only the name is known; a label `name` may be set."""
    return not selector.faults and all(
        item.matches({item.key: name})
        if item.key == NAMESPACE_NAME_LABEL or item.key.rpartition("/")[2] in ("name", "namespace")
        else True
        for item in selector.requirements
    )
