"""Secrets and ConfigMaps that objects of operators read, found by the forms in which operators name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from refarch_lint.graph.edge import Relation
from refarch_lint.graph.naming import Naming
from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource
from refarch_lint.model.scope import is_cluster_scoped

#: Groups whose objects name Secrets in these forms, each with the kinds that are passed over: they name entries of a
#: store outside the cluster, or are made by the operator itself.
_READERS: Final[Mapping[str, frozenset[str]]] = {
    "barmancloud.cnpg.io": frozenset(),
    "agent.k8s.elastic.co": frozenset(),
    "apm.k8s.elastic.co": frozenset(),
    "beat.k8s.elastic.co": frozenset(),
    "cert-manager.io": frozenset({"CertificateRequest"}),
    "elasticsearch.k8s.elastic.co": frozenset(),
    "external-secrets.io": frozenset({"ExternalSecret", "ClusterExternalSecret", "PushSecret"}),
    "flink.apache.org": frozenset(),
    "grafana.integreatly.org": frozenset(),
    "kafka.strimzi.io": frozenset(),
    "keda.sh": frozenset(),
    "kibana.k8s.elastic.co": frozenset(),
    "logstash.k8s.elastic.co": frozenset(),
    "minio.min.io": frozenset(),
    "monitoring.coreos.com": frozenset(),
    "postgresql.cnpg.io": frozenset(),
    "rabbitmq.com": frozenset(),
    "sparkoperator.k8s.io": frozenset(),
    "velero.io": frozenset(),
}

#: Fields that say what an object makes, not what it reads.
_MADE: Final = frozenset({"privateKeySecretRef", "secretTemplate"})


def secret_namings(resource: Resource) -> Iterator[Naming]:
    """Yield the Secrets and ConfigMaps that an object of an operator reads.

    The forms are a mapping of `name` and `key` (SecretKeySelector), `secretKeyRef`, `configMapKeyRef`, fields that end
    in `SecretRef`, and those that are or end in `secretName`. What cluster-scoped objects name stands in the operator's
    own namespace.
    """
    passed_over = _READERS.get(resource.group)
    if passed_over is None or resource.kind in passed_over or is_cluster_scoped(resource.group, resource.kind):
        return
    waiting: list[tuple[Path, Any]] = [(("spec",), resource.spec)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(((*path, index), item) for index, item in reversed(list(enumerate(value))))
        elif isinstance(value, dict):
            yield from _here(resource, path, value)
            inner = [(key, item) for key, item in value.items() if isinstance(key, str) and key not in _MADE]
            waiting.extend(((*path, key), item) for key, item in reversed(inner))


def _here(resource: Resource, path: Path, value: Mapping[str, Any]) -> Iterator[Naming]:
    field = next((part for part in reversed(path) if isinstance(part, str)), "")
    for entry in value if resource.kind != "Certificate" else ():
        secret = value[entry] if str(entry).endswith(("secretName", "SecretName")) else None
        if isinstance(secret, str) and secret:
            yield _naming(resource, (*path, entry), "Secret", secret, None, {})
    name, key = value.get("name"), value.get("key")
    if not isinstance(name, str) or not name:
        return
    if isinstance(key, str) and set(value) <= {"name", "key", "optional", "namespace"}:
        kind = "ConfigMap" if "configmap" in field.lower() else "Secret"
        yield _naming(resource, (*path, "name"), kind, name, key, value)
    elif field.endswith(("SecretRef", "secretRef")):
        yield _naming(resource, (*path, "name"), "Secret", name, None, value)


def _naming(resource: Resource, path: Path, kind: str, name: str, key: str | None, value: Mapping[str, Any]) -> Naming:
    given = value.get("namespace")
    namespace = given if isinstance(given, str) and given else resource.namespace
    optional = value.get("optional") is True
    return Naming(Relation.READS, Place(resource, path), "", kind, namespace, name, key, optional)
