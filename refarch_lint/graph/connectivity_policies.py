"""All policies of an input together: those in force, in the order in which they are asked, and what casts doubt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple

from refarch_lint.graph.addresses import AddressRange
from refarch_lint.graph.connectivity_admin import is_admin_policy, read_admin_policy
from refarch_lint.graph.connectivity_pods import Pod, labels_of_namespace
from refarch_lint.graph.connectivity_rules import AddressPeer, PodPeer, Policy, PolicyFault, Subject, Tier
from refarch_lint.graph.controller_labels import undecided, without_controllers
from refarch_lint.graph.grouped import grouped
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


class _Cause(Enum):
    """Why a policy may not be in force as it is read."""

    FOREIGN = "only some network plugins know it"
    INVALID = "the API refuses it"
    REPEATED = "another one has its name"
    BY_POD = "it tells apart the pods of one template"


class _Suspect(NamedTuple):
    """A policy that may not be in force as read: about which pods of which namespace, None for all."""

    doubt: Doubt
    cause: _Cause
    namespace: str | None
    subject: Subject | None


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
        suspects: list[_Suspect] = []
        seen: dict[tuple[str, str, str], Resource] = {}
        for resource in resources:
            policy, found = _read(resource)
            faults.extend(found)
            if policy is None:
                suspects.extend(_foreign(resource))
                continue
            is_refused = any(fault.refused for fault in found)
            if not is_refused:
                in_force.append(policy)
            first = seen.setdefault((resource.kind, resource.namespace, resource.name), resource)
            if first is not resource:
                message = f"is that of another {resource.kind} in the same input"
                faults.append(PolicyFault(resource, ("metadata", "name"), message, refused=False))
            suspects.extend(_doubtful(policy, is_refused, is_repeated=first is not resource))
        in_force.sort(key=lambda policy: policy.order)
        return cls(tuple(in_force), tuple(faults), grouped((suspect.namespace, suspect) for suspect in suspects))

    def foreign(self) -> tuple[Doubt, ...]:
        """Return the policies of network plugins, which are not evaluated, in reading order of each namespace."""
        return self._because(_Cause.FOREIGN)

    def telling_pods_apart(self) -> tuple[Doubt, ...]:
        """Return the policies that select by labels which controllers set on each pod, in the same order."""
        return self._because(_Cause.BY_POD)

    def _because(self, cause: _Cause) -> tuple[Doubt, ...]:
        suspects = (suspect for items in self._suspects.values() for suspect in items)
        return tuple(suspect.doubt for suspect in suspects if suspect.cause is cause)

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


def _foreign(resource: Resource) -> Iterator[_Suspect]:
    """Yield a policy of a network plugin, which is about any pod of its reach."""
    is_of_cluster = _FOREIGN.get((resource.group, resource.kind))
    if is_of_cluster is not None:
        doubt = Doubt(f"{resource.kind} {resource.name} is not evaluated", resource)
        yield _Suspect(doubt, _Cause.FOREIGN, None if is_of_cluster else resource.namespace, None)


def _doubtful(policy: Policy, is_refused: bool, is_repeated: bool) -> Iterator[_Suspect]:
    """Yield a policy that may not be in force as read: refused, given twice, or about some pods of a template."""
    resource, subject = policy.resource, _legible(policy.subject)
    if is_refused:
        cause, reason = _Cause.INVALID, "is not valid"
    elif is_repeated:
        cause, reason = _Cause.REPEATED, "is given more than once"
    elif (undecided := _undecided(policy)) is not None:
        label, subject = undecided
        cause, reason = _Cause.BY_POD, f"selects by {label}, which controllers set on each pod"
    else:
        return
    doubt = Doubt(f"{resource.kind} {resource.name} {reason}", resource)
    yield _Suspect(doubt, cause, resource.namespace if policy.tier is Tier.NETWORK else None, subject)


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
