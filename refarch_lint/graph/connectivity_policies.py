"""All policies of an input together: those in force, in the order in which they are asked, and what casts doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from refarch_lint.graph.addresses import AddressRange
from refarch_lint.graph.connectivity_admin import is_admin_policy, read_admin_policy
from refarch_lint.graph.connectivity_pods import Pod, labels_of_namespace
from refarch_lint.graph.connectivity_rules import AddressPeer, PodPeer, Policy, PolicyFault, Subject, Tier
from refarch_lint.graph.controller_labels import undecided, without_controllers
from refarch_lint.graph.network_policies import read_network_policy
from refarch_lint.model.resource import Resource

#: Policies that only some network plugins know, and whether they reach beyond their namespace.
_FOREIGN: Final[dict[tuple[str, str], bool]] = {
    ("cilium.io", "CiliumNetworkPolicy"): False,
    ("cilium.io", "CiliumClusterwideNetworkPolicy"): True,
    ("crd.projectcalico.org", "NetworkPolicy"): False,
    ("crd.projectcalico.org", "GlobalNetworkPolicy"): True,
    ("projectcalico.org", "NetworkPolicy"): False,
    ("projectcalico.org", "GlobalNetworkPolicy"): True,
    ("crd.antrea.io", "NetworkPolicy"): False,
    ("crd.antrea.io", "ClusterNetworkPolicy"): True,
    ("k8s.ovn.org", "EgressFirewall"): False,
    ("network.openshift.io", "EgressNetworkPolicy"): False,
    ("networking.k8s.aws", "ApplicationNetworkPolicy"): False,
    ("networking.k8s.aws", "ClusterNetworkPolicy"): True,
}

_NETWORK_POLICY_GROUPS: Final = frozenset({"networking.k8s.io", "extensions"})


class Doubt(NamedTuple):
    """Why a verdict is partial; `resource` is the object that would have to be understood, where there is one."""

    reason: str
    resource: Resource | None = None


class _Suspect(NamedTuple):
    """A policy that may or may not be in force as read; subject None is every pod of its reach."""

    doubt: Doubt
    namespace: str | None
    subject: Subject | None
    foreign: bool = False
    by_pod: bool = False


@dataclass(frozen=True, eq=False)
class PolicySet:
    """The policies of an input; `in_force` stands in the order in which they are asked."""

    in_force: tuple[Policy, ...]
    faults: tuple[PolicyFault, ...]
    _suspects: Mapping[str | None, tuple[_Suspect, ...]]

    @classmethod
    def read(cls, resources: Iterable[Resource]) -> PolicySet:
        """Read every policy among the resources; policies that the API would refuse are faults and not in force."""
        in_force: list[Policy] = []
        faults: list[PolicyFault] = []
        suspects: dict[str | None, list[_Suspect]] = {}
        seen: dict[tuple[str, str, str], Resource] = {}
        for resource in resources:
            policy, found = _read(resource)
            faults.extend(found)
            if policy is None:
                foreign = _FOREIGN.get((resource.group, resource.kind))
                if foreign is not None:
                    reason = f"{resource.kind} {resource.name} is not evaluated"
                    suspect = _Suspect(Doubt(reason, resource), None if foreign else resource.namespace, None, True)
                    suspects.setdefault(suspect.namespace, []).append(suspect)
                continue
            reason = ""
            if any(fault.refused for fault in found):
                reason = f"{resource.kind} {resource.name} is not valid"
            else:
                in_force.append(policy)
            if seen.setdefault((resource.kind, resource.namespace, resource.name), resource) is not resource:
                message = f"is that of another {resource.kind} in the same input"
                faults.append(PolicyFault(resource, ("metadata", "name"), message, refused=False))
                reason = reason or f"{resource.kind} {resource.name} is given more than once"
            if (undecided := _undecided(policy)) is not None and not reason:
                label, subject = undecided
                reason = f"{resource.kind} {resource.name} selects by {label}, which controllers set on each pod"
                suspect = _Suspect(Doubt(reason, resource), resource.namespace, subject, by_pod=True)
                suspects.setdefault(resource.namespace if policy.tier is Tier.NETWORK else None, []).append(suspect)
                reason = ""
            if reason:
                reach = resource.namespace if policy.tier is Tier.NETWORK else None
                suspects.setdefault(reach, []).append(
                    _Suspect(Doubt(reason, resource), reach, _legible(policy.subject))
                )
        in_force.sort(key=lambda policy: policy.order)
        return cls(tuple(in_force), tuple(faults), {key: tuple(items) for key, items in suspects.items()})

    def foreign(self) -> tuple[Doubt, ...]:
        """Return the policies of network plugins, which are not evaluated, in reading order of each namespace."""
        suspects = (suspect for items in self._suspects.values() for suspect in items)
        return tuple(suspect.doubt for suspect in suspects if suspect.foreign)

    def telling_pods_apart(self) -> tuple[Doubt, ...]:
        """Return the policies that select by labels which controllers set on each pod, in the same order."""
        suspects = (suspect for items in self._suspects.values() for suspect in items)
        return tuple(suspect.doubt for suspect in suspects if suspect.by_pod)

    def address_ranges(self) -> Iterable[AddressRange]:
        """Yield every address range that a rule names."""
        for policy in self.in_force:
            for rule in (*(policy.ingress or ()), *(policy.egress or ())):
                for entry in rule.peers or ():
                    if isinstance(entry.peer, AddressPeer):
                        yield from entry.peer.ranges

    def doubts_about(self, pod: Pod, namespaces: Mapping[str, Mapping[str, str]]) -> Sequence[Doubt]:
        """Return what makes a verdict about a pod partial."""
        candidates = (*self._suspects.get(None, ()), *self._suspects.get(pod.namespace, ()))
        return [
            suspect.doubt
            for suspect in candidates
            if suspect.subject is None or selects(suspect.subject, pod, namespaces)
        ]


def selects(subject: Subject, pod: Pod, namespaces: Mapping[str, Mapping[str, str]]) -> bool:
    """Tell whether a pod is among a policy's subjects, given that it is within the policy's reach."""
    if not pod.namespace:
        return False
    if subject.namespaces is not None:
        labels = labels_of_namespace(namespaces, pod.namespace)
        if pod.host_network or not subject.namespaces.matches(labels):
            return False
    return subject.pods.is_empty or subject.pods.matches(pod.label_mapping)


def _undecided(policy: Policy) -> tuple[str, Subject] | None:
    """Return the label by which a policy tells apart pods of one template, and the subject without it."""
    label = undecided(policy.subject.pods)
    if label is not None:
        others = without_controllers(policy.subject.pods) or policy.subject.pods
        return label.key, policy.subject._replace(pods=others)
    for rule in (*(policy.ingress or ()), *(policy.egress or ())):
        for entry in rule.peers or ():
            label = undecided(entry.peer.pods) if isinstance(entry.peer, PodPeer) else None
            if label is not None:
                return label.key, policy.subject
    return None


def _legible(subject: Subject) -> Subject | None:
    broken = subject.pods.faults or (subject.namespaces is not None and subject.namespaces.faults)
    return None if broken else subject


def _read(resource: Resource) -> tuple[Policy | None, list[PolicyFault]]:
    if resource.kind == "NetworkPolicy" and resource.group in _NETWORK_POLICY_GROUPS:
        return read_network_policy(resource)
    if is_admin_policy(resource):
        return read_admin_policy(resource)
    return None, []
