"""What a host name means inside the cluster: the Service it resolves to, a missing one, or a place outside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from refarch_lint.graph.elsewhere import NOWHERE, Elsewhere
from refarch_lint.graph.endpoints import is_address
from refarch_lint.graph.provision import ProvisionIndex
from refarch_lint.model.resource import Resource, dig, mapping, sequence, string_mapping
from refarch_lint.model.workload import Workload
from refarch_lint.regex import regex

#: Top-level domains that two-label names are taken for, unless the tree has a namespace of that name.
_PUBLIC_DOMAINS = frozenset(
    {"com", "net", "org", "io", "dev", "app", "cloud", "edu", "gov", "int", "mil", "info", "biz", "name", "online"}
    | {"tech", "site", "xyz", "tools", "services", "systems", "software", "digital", "solutions", "network", "live"}
    | {"internal", "local", "lan", "corp", "intra", "intranet", "home", "consul", "arpa", "example", "test", "invalid"}
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: API groups whose objects bring no Service with them.
_NOT_MAKERS = _words(
    ".k8s.io istio.io cert-manager.io argoproj.io external-secrets.io bitnami.com keda.sh cilium.io projectcalico.org "
    "traefik.io traefik.containo.us velero.io kyverno.io toolkit.fluxcd.io openshift.io linkerd.io gatekeeper.sh "
    "metallb.io kustomize.config.k8s.io"
)
#: Kinds of operators that describe or watch something and make no Service.
_DESCRIBING = frozenset(
    _words(
        "PodMonitor ServiceMonitor PrometheusRule Probe ScrapeConfig AlertmanagerConfig KafkaTopic KafkaUser Database "
        "Publication Subscription ScheduledBackup Backup Queue Exchange Binding User Policy GrafanaDashboard "
        "GrafanaDatasource GrafanaFolder GrafanaAlertRuleGroup"
    )
)
_ORDINAL = regex(r"-\d+$")
_TEMPLATED = regex(r"[${}<>%*]")


class Outcome(StrEnum):
    """What a host name turned out to be."""

    SERVICE = "service"
    MISSING = "missing"
    OUTSIDE = "outside"
    UNKNOWN = "unknown"
    IGNORED = "ignored"


class Resolution(NamedTuple):
    """A host name as a pod of one namespace sees it.

    `service` is the Service, or the operator's object that makes it; `host` the name in the cluster or outside; `pod`
    whether the name addresses single pods behind the Service; `why` explains what cannot be verified.
    """

    outcome: Outcome
    host: str
    service: Resource | None = None
    pod: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Services:
    """Every Service of the tree by namespace and name, with what is needed to judge a name that is none of them."""

    by_name: Mapping[tuple[str, str], Resource]
    names: frozenset[str]
    undeclared: Mapping[str, Resource]
    by_address: Mapping[str, Resource]
    provisions: ProvisionIndex
    inhabited: frozenset[str]
    namespaces: frozenset[str]
    public_hosts: frozenset[str]
    makers: Mapping[str, tuple[str, ...]]
    elsewhere: Elsewhere = NOWHERE

    @classmethod
    def build(
        cls,
        workloads: Iterable[Workload],
        resources: Iterable[Resource],
        provisions: ProvisionIndex | None = None,
        elsewhere: Elsewhere = NOWHERE,
    ) -> Services:
        """Index the Services, namespaces, public hosts and installers among the resources."""
        everything = tuple(resources)
        by_name: dict[tuple[str, str], Resource] = {}
        undeclared: dict[str, Resource] = {}
        by_address: dict[str, Resource] = {}
        makers: dict[str, list[str]] = {}
        public: set[str] = set()
        inhabited = {workload.namespace for workload in workloads}
        namespaces: set[str] = set()
        for resource in everything:
            namespaces.add(resource.name if resource.kind == "Namespace" else resource.namespace)
            if resource.kind == "Service" and resource.group == "":
                by_name.setdefault((resource.namespace, resource.name), resource)
                if resource.namespace_declared:
                    inhabited.add(resource.namespace)
                else:
                    undeclared.setdefault(resource.name, resource)
                address = resource.spec.get("clusterIP")
                if isinstance(address, str) and is_address(address):
                    by_address.setdefault(address, resource)
            else:
                public.update(_public_hosts(resource))
                for namespace, name in _installs(resource):
                    makers.setdefault(namespace, []).append(name)
        return cls(
            by_name,
            frozenset(name for _, name in by_name),
            undeclared,
            by_address,
            provisions if provisions is not None else ProvisionIndex(everything),
            frozenset(inhabited),
            frozenset(namespaces - {""}),
            frozenset(public),
            {namespace: tuple(names) for namespace, names in makers.items()},
            elsewhere,
        )

    def find(self, namespace: str, name: str) -> Resource | None:
        """Return the Service of that name, or the operator's object that makes it, or None."""
        service = self.by_name.get((namespace, name))
        if service is not None:
            return service
        provision = self.provisions.find("Service", namespace, name)
        return provision.place.resource if provision is not None else None

    def resolve(self, host: str, namespace: str, declared: bool = True, depth: int = 0) -> Resolution:
        """Return what `host` means to a pod of `namespace`, by the search domains of the cluster's DNS.

        Where the namespace is not `declared`, it is only known when the manifests are applied: a name that some other
        namespace of the tree has is then unknown rather than missing.

        Kubernetes documentation, DNS for Services and Pods: `svc`, `svc.ns`, `svc.ns.svc[.domain]`, and
        `pod.svc[.ns[.svc[.domain]]]` for the pods of a StatefulSet.
        """
        if _TEMPLATED.search(host):
            return Resolution(Outcome.IGNORED, host)
        if is_address(host):
            service = self.by_address.get(host)
            return Resolution(Outcome.SERVICE if service else Outcome.OUTSIDE, host, service)
        labels = [label for label in host.split(".") if not label.startswith("_")]
        if not labels:
            return Resolution(Outcome.IGNORED, host)
        candidates, definite = _candidates(labels, namespace)
        for name, where, pod in candidates:
            service = self.find(where, name)
            if service is None:
                continue
            target = service.spec.get("externalName") if service.spec.get("type") == "ExternalName" else None
            if isinstance(target, str) and target and depth < 3:
                outside = self.resolve(target.lower().rstrip("."), where, declared, depth + 1)
                return outside if outside.service else Resolution(outside.outcome, outside.host, service)
            return Resolution(Outcome.SERVICE, host, service, pod)
        if len(labels) == 1 and not declared and labels[0] != "kubernetes":
            elsewhere = labels[0] in self.names
            why = "it is in another namespace, and this one is not declared"
            if elsewhere or not self.names:
                return Resolution(Outcome.UNKNOWN, host, why=why if elsewhere else "no Service is in the tree")
            return self._installed(labels[0], namespace, host)
        return self._missing(host, labels, candidates, definite)

    def is_public(self, host: str) -> bool:
        """Tell whether an Ingress, a Gateway or a route of the tree serves this host."""
        return host in self.public_hosts or f"*.{host.partition('.')[2]}" in self.public_hosts

    def _missing(
        self, host: str, labels: list[str], candidates: list[tuple[str, str, bool]], definite: bool
    ) -> Resolution:
        if labels[0] == "kubernetes" and labels[1:2] in ([], ["default"]) and (definite or len(labels) <= 2):
            return Resolution(Outcome.OUTSIDE, host, why="the API server")
        if not definite and len(labels) > 1:
            named = next(
                (where for _, where, _ in candidates if where == labels[-1] and where in self.namespaces), None
            )
            if named is None:
                name, where, pod = candidates[0] if candidates else ("", "", False)
                if name in self.undeclared and labels[-1] not in _PUBLIC_DOMAINS:
                    return Resolution(Outcome.SERVICE, host, self.undeclared[name], pod)
                if len(labels) > 3 or labels[-1] in _PUBLIC_DOMAINS or (len(labels[-1]) == 2 and labels[-1].isalpha()):
                    return Resolution(Outcome.OUTSIDE, host)
                return Resolution(Outcome.UNKNOWN, host, why=f"namespace {labels[-1]} is not in the tree")
            candidates = [item for item in candidates if item[1] == named]
        if not candidates:
            return Resolution(Outcome.OUTSIDE, host)
        name, where, _ = candidates[0]
        if where not in self.inhabited:
            if name in self.undeclared:
                return Resolution(Outcome.SERVICE, host, self.undeclared[name], candidates[0][2])
            return Resolution(Outcome.UNKNOWN, host, why=f"nothing of namespace {where} is in the tree")
        return self._installed(name, where, host)

    def _installed(self, name: str, where: str, host: str) -> Resolution:
        if where == "kube-system":
            return Resolution(Outcome.UNKNOWN, host, why="the cluster itself fills namespace kube-system")
        if reason := self.elsewhere.reason("", "Service", where, name):
            return Resolution(Outcome.UNKNOWN, host, why=reason)
        for maker in self.makers.get(where, ()):
            if name == maker or name.startswith(f"{maker}-") or name.endswith(f"-{maker}"):
                return Resolution(Outcome.UNKNOWN, host, why=f"{maker} may install it")
        return Resolution(Outcome.MISSING, host)


def selects(service: Resource, workload: Workload) -> bool:
    """Tell whether a Service selects the pods of a workload."""
    selector = string_mapping(service.spec.get("selector"))
    if not selector or service.kind != "Service" or service.namespace != workload.namespace:
        return False
    return all(workload.pod_labels.get(key) == value for key, value in selector.items())


def service_ports(service: Resource) -> list[tuple[int, str, str]]:
    """Return the number, protocol and name of each port that a Service declares; none for an operator's object."""
    if service.kind != "Service" or service.group != "":
        return []
    return [
        (number, protocol if isinstance(protocol, str) else "TCP", name if isinstance(name, str) else "")
        for port in sequence(service.spec.get("ports"))
        for number, protocol, name in [
            (mapping(port).get("port"), mapping(port).get("protocol", "TCP"), mapping(port).get("name", ""))
        ]
        if isinstance(number, int) and not isinstance(number, bool)
    ]


def _candidates(labels: list[str], namespace: str) -> tuple[list[tuple[str, str, bool]], bool]:
    """Return (Service, namespace, addresses a pod) in the order of the search domains, and whether `.svc` is named."""
    if "svc" in labels[2:]:
        index = labels.index("svc", 2)
        return [(labels[index - 2], labels[index - 1], index > 2)], True
    match labels:
        case [name]:
            return [(name, namespace, False)], False
        case [first, second]:
            pods = [(second, namespace, True)] if _ORDINAL.search(first) else []
            return [(first, second, False), *pods], False
        case [pod, name, where] if _ORDINAL.search(pod):
            return [(name, where, True)], False
    return [], False


def _public_hosts(resource: Resource) -> Iterable[str]:
    spec = resource.spec
    if resource.kind == "Ingress":
        hosts = [mapping(rule).get("host") for rule in sequence(spec.get("rules"))]
        hosts += [host for entry in sequence(spec.get("tls")) for host in sequence(mapping(entry).get("hosts"))]
    elif resource.kind in ("HTTPRoute", "GRPCRoute", "TLSRoute"):
        hosts = sequence(spec.get("hostnames"))
    elif resource.kind == "Gateway":
        listeners = [*sequence(spec.get("listeners")), *sequence(spec.get("servers"))]
        hosts = [mapping(item).get("hostname") for item in listeners]
        hosts += [str(host).rpartition("/")[2] for item in listeners for host in sequence(mapping(item).get("hosts"))]
    elif resource.kind == "Route" and resource.group == "route.openshift.io":
        hosts = [spec.get("host")]
    else:
        return []
    return [host.lower() for host in hosts if isinstance(host, str) and host and host != "*"]


def _installs(resource: Resource) -> Iterable[tuple[str, str]]:
    """Yield namespace and name of what an installer brings that the tree does not show."""
    spec = resource.spec
    name: object = resource.name
    match resource.kind, resource.group:
        case "HelmRelease", "helm.toolkit.fluxcd.io":
            where, names = spec.get("targetNamespace"), [spec.get("releaseName"), dig(spec, "chart", "spec", "chart")]
        case "Application", "argoproj.io":
            sources = [mapping(spec.get("source")), *map(mapping, sequence(spec.get("sources")))]
            charts = [source.get("chart") for source in sources if source.get("chart")]
            if not charts:
                return
            where, names = dig(spec, "destination", "namespace"), charts
        case "HelmChart", "helm.cattle.io":
            where, names = spec.get("targetNamespace"), [spec.get("chart")]
        case kind, group if "." in group and not group.endswith(_NOT_MAKERS) and kind not in _DESCRIBING:
            where, names = None, []
        case _:
            return
    namespace = where if isinstance(where, str) and where else resource.namespace
    for item in (name, *names):
        if isinstance(item, str) and item and namespace:
            yield namespace, item.rpartition("/")[2]
