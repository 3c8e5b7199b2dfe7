"""Sources that the tree does not show: an ingress controller, a Prometheus, clients beyond a load balancer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from refarch_lint.graph.connectivity import NetworkModel
from refarch_lint.graph.connectivity_pods import NAMESPACE_NAME_LABEL, Pod
from refarch_lint.graph.connectivity_rules import AddressPeer, Peer, PodPeer, Policy, Rule, Tier
from refarch_lint.model.selector import LabelSelector, Requirement, SelectorOperator

#: Namespaces in which ingress controllers and gateways are installed by their own instructions.
INGRESS_NAMESPACES: Final = (
    "ingress-nginx",
    "nginx-ingress",
    "ingress",
    "traefik",
    "traefik-system",
    "istio-system",
    "istio-ingress",
    "istio-gateways",
    "kong",
    "projectcontour",
    "haproxy-controller",
    "haproxy-ingress",
    "gateway-system",
    "nginx-gateway",
    "envoy-gateway-system",
    "cilium-gateway",
    "emissary",
    "ambassador",
    "openshift-ingress",
    "kube-system",
)

#: Namespaces in which monitoring is installed by its own instructions.
MONITORING_NAMESPACES: Final = (
    "monitoring",
    "observability",
    "prometheus",
    "metrics",
    "kube-prometheus-stack",
    "cattle-monitoring-system",
    "openshift-monitoring",
    "openshift-user-workload-monitoring",
)

_ENTRANCE_WORDS: Final = ("ingress", "gateway", "nginx", "traefik", "kong", "haproxy", "contour", "envoy", "istio")
_SCRAPER_WORDS: Final = ("prometheus", "monitor", "metrics", "victoria", "vmagent", "alloy", "otel", "scrape")


class Outsider(NamedTuple):
    """Somebody of whom only the likely namespaces and words in labels are known; `name` is for messages.

    `addresses` tells that connections may also come from addresses outside the cluster's pods, `pods` that they may
    come from pods at all; `elsewhere` are namespaces that are known to be for something else.
    """

    name: str
    namespaces: tuple[str, ...]
    words: tuple[str, ...]
    addresses: bool = True
    pods: bool = True
    elsewhere: tuple[str, ...] = ()


def ingress_controller(namespaces: tuple[str, ...]) -> Outsider:
    """Return the ingress controller that serves the Ingresses and routes of a tree."""
    return Outsider("the ingress controller", namespaces, _ENTRANCE_WORDS, elsewhere=MONITORING_NAMESPACES)


SCRAPER: Final = Outsider("Prometheus", MONITORING_NAMESPACES, _SCRAPER_WORDS, False, elsewhere=INGRESS_NAMESPACES[:-1])

CLIENTS: Final = Outsider("clients outside the cluster", (), (), True, pods=False)


def admitting_rule(
    model: NetworkModel, destination: Pod, port: int | None, protocol: str, outsider: Outsider
) -> tuple[Policy, Rule] | None:
    """Return a rule of a NetworkPolicy by which a destination could let the outsider in, or None."""
    for policy, rule in ingress_rules(model, destination, port, protocol):
        if rule.peers is None or any(_could_be(entry.peer, policy, model, outsider) for entry in rule.peers):
            return policy, rule
    return None


def ingress_rules(
    model: NetworkModel, destination: Pod, port: int | None, protocol: str
) -> Iterator[tuple[Policy, Rule]]:
    """Yield the ingress rules that are about a port of a pod, with their policies."""
    for policy in model.policies_selecting(destination):
        if policy.tier is Tier.NETWORK:
            for rule in policy.ingress or ():
                ports = rule.allowed_ports(destination.ports)
                if not ports.is_empty if port is None else ports.contains(port, protocol):
                    yield policy, rule


def _could_be(peer: Peer, policy: Policy, model: NetworkModel, outsider: Outsider) -> bool:
    if isinstance(peer, AddressPeer):
        return outsider.addresses
    if not isinstance(peer, PodPeer) or not outsider.pods:
        return False
    hinted = _hints(peer.pods, outsider.words)
    members = model.workloads_of(model.universe.peers(peer, policy.namespace))
    if not peer.pods.is_empty and members and not hinted:
        return False
    if peer.namespaces is None:
        return policy.namespace in outsider.namespaces or (hinted and not members)
    if peer.namespaces.is_empty:
        return True
    return _namespace_could_be(peer.namespaces, model, outsider)


def _hints(selector: LabelSelector, words: tuple[str, ...]) -> bool:
    texts = [text for item in selector.requirements for text in (item.key, *item.values)]
    return any(word in text.lower() for text in texts for word in words)


def _namespace_could_be(selector: LabelSelector, model: NetworkModel, outsider: Outsider) -> bool:
    """Tell whether a namespace selector may mean the outsider's: a likely one, or one that the tree does not show."""
    if any(may_be_namespace(selector, name, model.universe.namespaces) for name in outsider.namespaces):
        return True
    named = [
        name
        for item in selector.requirements
        if item.key == NAMESPACE_NAME_LABEL and item.operator is SelectorOperator.IN
        for name in item.values
    ]
    return any(name not in outsider.elsewhere and not model.universe.in_namespace(name) for name in named)


def may_be_namespace(selector: LabelSelector, name: str, namespaces: Mapping[str, Mapping[str, str]]) -> bool:
    """Tell whether a selector matches a namespace, or may match it where only its name is known."""
    known = namespaces.get(name)
    if known is not None and len(known) > 1:
        return selector.matches(known)
    return not selector.faults and all(_possible(item, name) for item in selector.requirements)


def _possible(item: Requirement, name: str) -> bool:
    """Tell whether a namespace of which only the name is known may fulfil a requirement."""
    if item.key == NAMESPACE_NAME_LABEL or item.key.rpartition("/")[2] in ("name", "namespace"):
        return item.matches({item.key: name})
    return True
