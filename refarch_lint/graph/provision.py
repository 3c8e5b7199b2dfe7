"""Who provides an object that no manifest spells out: operators, generators, certificates and the cluster itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from refarch_lint.graph.place import Place
from refarch_lint.model.resource import KUSTOMIZE, Resource, dig, mapping, sequence

TLS_KEYS = frozenset({"tls.crt", "tls.key", "ca.crt"})


class Provision(NamedTuple):
    """An object that will exist in the cluster because of something in the tree.

    `keys` are the entries it is known to have, None where they cannot be known. `prefix` tells that `name` is only
    how the provided names begin.
    """

    kind: str
    namespace: str
    name: str
    keys: frozenset[str] | None
    place: Place
    prefix: bool = False


#: Secrets that operators make beside an object: group and kind -> suffixes added to the object's name.
_OPERATOR_SECRETS: dict[tuple[str, str], tuple[str, ...]] = {
    ("postgresql.cnpg.io", "Cluster"): ("-app", "-superuser", "-ca", "-server", "-replication"),
    ("kafka.strimzi.io", "Kafka"): ("-cluster-ca-cert", "-clients-ca-cert", "-cluster-ca", "-clients-ca"),
    ("kafka.strimzi.io", "KafkaUser"): ("",),
    ("rabbitmq.com", "RabbitmqCluster"): ("-default-user", "-erlang-cookie"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): ("-es-elastic-user", "-es-http-certs-public"),
    ("kibana.k8s.elastic.co", "Kibana"): ("-kb-http-certs-public",),
    ("grafana.integreatly.org", "Grafana"): ("-admin-credentials",),
    ("minio.min.io", "Tenant"): ("-tls", "-env-configuration"),
    ("mongodbcommunity.mongodb.com", "MongoDBCommunity"): ("-admin-admin",),
}  # fmt: skip

_OPERATOR_SERVICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("postgresql.cnpg.io", "Cluster"): ("-rw", "-ro", "-r"),
    ("postgresql.cnpg.io", "Pooler"): ("",),
    ("kafka.strimzi.io", "Kafka"): ("-kafka-bootstrap", "-kafka-brokers"),
    ("kafka.strimzi.io", "KafkaConnect"): ("-connect-api",),
    ("kafka.strimzi.io", "KafkaBridge"): ("-bridge-service",),
    ("rabbitmq.com", "RabbitmqCluster"): ("", "-nodes"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): ("-es-http", "-es-transport", "-es-internal-http"),
    ("kibana.k8s.elastic.co", "Kibana"): ("-kb-http",),
    ("minio.min.io", "Tenant"): ("-hl", "-console"),
    ("grafana.integreatly.org", "Grafana"): ("-service",),
    ("monitoring.coreos.com", "Prometheus"): ("",),
    ("opentelemetry.io", "OpenTelemetryCollector"): ("-collector", "-collector-headless"),
    ("argoproj.io", "ArgoCD"): ("-server", "-repo-server", "-redis"),
    ("serving.knative.dev", "Service"): ("",),
}

#: Services with a name of their own: group and kind -> names.
_FIXED_SERVICES: dict[tuple[str, str], tuple[str, ...]] = {
    ("monitoring.coreos.com", "Prometheus"): ("prometheus-operated",),
    ("monitoring.coreos.com", "Alertmanager"): ("alertmanager-operated",),
    ("monitoring.coreos.com", "ThanosRuler"): ("thanos-ruler-operated",),
    ("minio.min.io", "Tenant"): ("minio",),
}


def provisions_of(resource: Resource) -> Iterator[Provision]:
    """Yield what a resource makes exist beside itself."""
    namespace, key = resource.namespace, (resource.group, resource.kind)
    for suffix in _OPERATOR_SECRETS.get(key, ()):
        yield Provision("Secret", namespace, resource.name + suffix, None, Place(resource))
    for suffix in _OPERATOR_SERVICES.get(key, ()):
        yield Provision("Service", namespace, resource.name + suffix, None, Place(resource))
    for fixed in _FIXED_SERVICES.get(key, ()):
        yield Provision("Service", namespace, fixed, None, Place(resource))
    if resource.group.endswith("altinity.com") and resource.kind == "ClickHouseInstallation":
        yield Provision("Service", namespace, f"clickhouse-{resource.name}", None, Place(resource))
        yield Provision("Service", namespace, f"chi-{resource.name}-", None, Place(resource), prefix=True)
    if key == ("kafka.strimzi.io", "Kafka"):
        yield from _watched(resource)
    match resource.kind:
        case "ExternalSecret":
            yield _external_secret(resource)
        case "ClusterExternalSecret":
            template = mapping(resource.spec.get("externalSecretSpec"))
            name = dig(template, "target", "name") or resource.spec.get("externalSecretName") or resource.name
            if isinstance(name, str):
                yield Provision("Secret", "*", name, None, Place(resource))
        case "ClusterPolicy" | "Policy" if resource.group == "kyverno.io":
            yield from _generated_by_rules(resource)
        case "Secret" | "ConfigMap" if resource.group == "" and _is_mirrored(resource):
            yield Provision(resource.kind, "*", resource.name, None, Place(resource))
        case "SealedSecret":
            template_name = dig(resource.spec, "template", "metadata", "name")
            keys = frozenset(mapping(resource.spec.get("encryptedData")))
            keys |= frozenset(mapping(dig(resource.spec, "template", "data")))
            path = ("spec", "encryptedData")
            shown = template_name if isinstance(template_name, str) and template_name else resource.name
            yield Provision("Secret", namespace, shown, keys or None, Place(resource, path))
        case "Certificate" if resource.group in ("cert-manager.io", "certmanager.k8s.io"):
            name = resource.spec.get("secretName")
            if isinstance(name, str) and name:
                yield Provision(
                    "Secret", namespace, name, TLS_KEYS | _keystores(resource), Place(resource, ("spec", "secretName"))
                )
        case "Ingress":
            yield from _shimmed(
                resource, (("spec", "tls", index) for index, _ in enumerate(sequence(resource.spec.get("tls"))))
            )
        case "Gateway" if resource.group == "gateway.networking.k8s.io":
            yield from _shimmed_listeners(resource)
        case "Kustomization" if resource.group == KUSTOMIZE:
            yield from _generated(resource)
        case "StatefulSet":
            yield from _claims(resource)
        case "Bundle" if resource.group == "trust.cert-manager.io":
            yield Provision("ConfigMap", "*", resource.name, None, Place(resource))
        case "SecretProviderClass":
            for index, item in enumerate(sequence(resource.spec.get("secretObjects"))):
                name = mapping(item).get("secretName")
                if isinstance(name, str) and name:
                    yield Provision("Secret", namespace, name, None, Place(resource, ("spec", "secretObjects", index)))
        case "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret":
            destination = dig(resource.spec, "destination", "name")
            if isinstance(destination, str) and destination:
                yield Provision(
                    "Secret", namespace, destination, None, Place(resource, ("spec", "destination", "name"))
                )
        case "OnePasswordItem" | "InfisicalSecret" | "BitwardenSecret":
            yield Provision("Secret", namespace, resource.name, None, Place(resource))


def _watched(kafka: Resource) -> Iterator[Provision]:
    """Yield a Kafka cluster for the namespace in which its operator looks for topics or users (`watchedNamespace`)."""
    for operator in ("topicOperator", "userOperator"):
        path = ("spec", "entityOperator", operator, "watchedNamespace")
        if isinstance(namespace := dig(kafka.data, *path), str):
            yield Provision("Kafka", namespace, kafka.name, None, Place(kafka, path))


#: Annotations by which reflector, replicator and config-syncer copy an object into other namespaces.
_MIRRORS = (
    "reflector.v1.k8s.emberstack.com/reflection-auto-enabled",
    "replicator.v1.mittwald.de/replicate-to",
    "replicator.v1.mittwald.de/replicate-to-matching",
    "kubed.appscode.com/sync",
)


def _is_mirrored(resource: Resource) -> bool:
    return any(resource.annotations.get(annotation, "false") != "false" for annotation in _MIRRORS)


def _generated_by_rules(resource: Resource) -> Iterator[Provision]:
    """Yield the Secrets and ConfigMaps that a Kyverno policy generates in namespaces, names by variables apart."""
    for index, rule in enumerate(sequence(resource.spec.get("rules"))):
        made = mapping(mapping(rule).get("generate"))
        kind, name = made.get("kind"), made.get("name")
        if kind in ("Secret", "ConfigMap") and isinstance(name, str) and name and "{{" not in name:
            place = Place(resource, ("spec", "rules", index, "generate", "name"))
            yield Provision(str(kind), "*", name, None, place)


def _external_secret(resource: Resource) -> Provision:
    name = dig(resource.spec, "target", "name")
    named = isinstance(name, str) and bool(name)
    template = mapping(dig(resource.spec, "target", "template"))
    keys: frozenset[str] | None = frozenset(
        key for item in sequence(resource.spec.get("data")) if isinstance(key := mapping(item).get("secretKey"), str)
    )
    templated = frozenset(mapping(template.get("data")))
    if templated and template.get("mergePolicy") != "Merge":
        keys = templated
    elif keys is not None:
        keys |= templated
    if resource.spec.get("dataFrom") or template.get("templateFrom"):
        keys = None
    path = ("spec", "target", "name") if named else ("metadata", "name")
    return Provision("Secret", resource.namespace, str(name) if named else resource.name, keys, Place(resource, path))


def _keystores(resource: Resource) -> frozenset[str]:
    stores = mapping(resource.spec.get("keystores"))
    names = [f"{kind}.{suffix}" for kind in ("keystore", "truststore") for suffix in ("jks", "p12")] if stores else []
    return frozenset(names)


def _shimmed(resource: Resource, paths: Iterable[tuple[str | int, ...]]) -> Iterator[Provision]:
    """Yield the Secrets that cert-manager's ingress-shim makes: an issuer annotation and a TLS entry with hosts."""
    if not _asks_for_certificates(resource):
        return
    for path in paths:
        entry = mapping(dig(resource.data, *path))
        name = entry.get("secretName")
        if isinstance(name, str) and name and sequence(entry.get("hosts")):
            yield Provision("Secret", resource.namespace, name, TLS_KEYS, Place(resource, (*path, "secretName")))


def _asks_for_certificates(resource: Resource) -> bool:
    issuers = ("cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme")
    return any(annotation in resource.annotations for annotation in issuers)


def _shimmed_listeners(resource: Resource) -> Iterator[Provision]:
    """Yield the Secrets that cert-manager makes for a Gateway: an issuer annotation and listeners with a host name."""
    if not _asks_for_certificates(resource):
        return
    for index, listener in enumerate(map(mapping, sequence(resource.spec.get("listeners")))):
        tls = mapping(listener.get("tls"))
        if not listener.get("hostname") or tls.get("mode", "Terminate") != "Terminate":
            continue
        for position, item in enumerate(map(mapping, sequence(tls.get("certificateRefs")))):
            name = item.get("name")
            if isinstance(name, str) and name and item.get("namespace", resource.namespace) == resource.namespace:
                place = Place(resource, ("spec", "listeners", index, "tls", "certificateRefs", position, "name"))
                yield Provision("Secret", resource.namespace, name, TLS_KEYS, place)


def _generated(resource: Resource) -> Iterator[Provision]:
    """Yield what a kustomization generates; the hash suffix is left out, as references are written without it."""
    for field, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
        for index, item in enumerate(sequence(resource.data.get(field))):
            name = mapping(item).get("name")
            if isinstance(name, str) and name:
                yield Provision(kind, "*", name, None, Place(resource, (field, index, "name")))


def _claims(resource: Resource) -> Iterator[Provision]:
    for index, template in enumerate(sequence(resource.spec.get("volumeClaimTemplates"))):
        name = dig(template, "metadata", "name")
        if isinstance(name, str) and name:
            place = Place(resource, ("spec", "volumeClaimTemplates", index, "metadata", "name"))
            full = f"{name}-{resource.name}-"
            yield Provision("PersistentVolumeClaim", resource.namespace, full, None, place, prefix=True)


class ProvisionIndex:
    """Provisions by kind, namespace and name; a namespace of `*` provides everywhere."""

    __slots__ = ("_exact", "_prefixes")

    def __init__(self, resources: Iterable[Resource]) -> None:
        self._exact: dict[tuple[str, str, str], Provision] = {}
        self._prefixes: dict[tuple[str, str], list[Provision]] = {}
        for resource in resources:
            for provision in provisions_of(resource):
                if provision.prefix:
                    self._prefixes.setdefault((provision.kind, provision.namespace), []).append(provision)
                else:
                    self._exact.setdefault((provision.kind, provision.namespace, provision.name), provision)

    def find(self, kind: str, namespace: str, name: str) -> Provision | None:
        """Return what provides the object of that kind, namespace and name, or None."""
        for scope in (namespace, "*"):
            if found := self._exact.get((kind, scope, name)):
                return found
        for provision in self._prefixes.get((kind, namespace), ()):
            if name.startswith(provision.name):
                return provision
        return None
