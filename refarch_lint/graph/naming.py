"""Every name by which one resource refers to another, as written, before anybody asks whether it exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from refarch_lint.graph.edge import Relation
from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence, text_of
from refarch_lint.model.workload import Workload

RBAC = "rbac.authorization.k8s.io"
GATEWAY = "gateway.networking.k8s.io"
SECRETS_STORE = "secrets-store.csi.x-k8s.io"

#: Fields of a pod that name objects of the whole cluster: field, group, kind.
_CLASSES = (
    ("priorityClassName", "scheduling.k8s.io", "PriorityClass"),
    ("runtimeClassName", "node.k8s.io", "RuntimeClass"),
)


class Naming(NamedTuple):
    """One mention of another resource; `optional` mentions may dangle by the API's own definition."""

    relation: Relation
    place: Place
    group: str
    kind: str
    namespace: str
    name: str
    key: str | int | None = None
    optional: bool = False


def pod_namings(workload: Workload) -> Iterator[Naming]:
    """Yield what a pod template names: ConfigMaps, Secrets, claims, its ServiceAccount and pull secrets.

    A claim template of a StatefulSet takes the place of a volume of its name (API reference, volumeClaimTemplates).
    """
    resource, namespace, spec, root = workload.resource, workload.namespace, workload.pod_spec, workload.pod_spec_path
    for container in workload.containers:
        yield from _container_namings(resource, namespace, container.data, container.path)
    replaced = {
        text_of(dig(template, "metadata", "name"))
        for template in (sequence(resource.spec.get("volumeClaimTemplates")) if resource.kind == "StatefulSet" else ())
    }
    for index, volume in enumerate(sequence(spec.get("volumes"))):
        if text_of(mapping(volume).get("name")) not in replaced - {""}:
            yield from _volume_namings(resource, namespace, mapping(volume), (*root, "volumes", index))
    for index, pull in enumerate(sequence(spec.get("imagePullSecrets"))):
        if name := text_of(mapping(pull).get("name")):
            place = Place(resource, (*root, "imagePullSecrets", index, "name"))
            yield Naming(Relation.USES, place, "", "Secret", namespace, name)
    for field, group, kind in _CLASSES:
        if name := text_of(spec.get(field)):
            yield Naming(Relation.USES, Place(resource, (*root, field)), group, kind, "", name)
    account_key = "serviceAccountName" if "serviceAccountName" in spec else "serviceAccount"
    account = text_of(spec.get(account_key)) or "default"
    yield Naming(Relation.RUNS_AS, Place(resource, (*root, account_key)), "", "ServiceAccount", namespace, account)
    if resource.kind == "StatefulSet" and (service := text_of(resource.spec.get("serviceName"))):
        place = Place(resource, ("spec", "serviceName"))
        yield Naming(Relation.GOVERNED_BY, place, "", "Service", namespace, service)


def _container_namings(resource: Resource, namespace: str, container: dict[str, Any], root: Path) -> Iterator[Naming]:
    for index, variable in enumerate(sequence(container.get("env"))):
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            reference = mapping(dig(variable, "valueFrom", field))
            if name := text_of(reference.get("name")):
                path = (*root, "env", index, "valueFrom", field)
                key = text_of(reference.get("key")) or None
                place = Place(resource, (*path, "name"))
                optional = reference.get("optional") is True
                yield Naming(Relation.READS, place, "", kind, namespace, name, key, optional)
    for index, source in enumerate(sequence(container.get("envFrom"))):
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            reference = mapping(dig(source, field))
            if name := text_of(reference.get("name")):
                place = Place(resource, (*root, "envFrom", index, field, "name"))
                yield Naming(
                    Relation.READS, place, "", kind, namespace, name, optional=reference.get("optional") is True
                )


def _volume_namings(resource: Resource, namespace: str, volume: dict[str, Any], root: Path) -> Iterator[Naming]:
    sources = [(volume, root)]
    for index, source in enumerate(sequence(dig(volume, "projected", "sources"))):
        sources.append((mapping(source), (*root, "projected", "sources", index)))
    for source, path in sources:
        for field, kind, name_key in (
            ("configMap", "ConfigMap", "name"),
            ("secret", "Secret", "name" if path != root else "secretName"),
        ):
            reference = mapping(source.get(field))
            if not (name := text_of(reference.get(name_key))):
                continue
            optional = reference.get("optional") is True
            place = Place(resource, (*path, field, name_key))
            items = sequence(reference.get("items"))
            for item in items:
                key = text_of(mapping(item).get("key")) or None
                yield Naming(Relation.MOUNTS, place, "", kind, namespace, name, key, optional)
            if not items:
                yield Naming(Relation.MOUNTS, place, "", kind, namespace, name, None, optional)
    if name := text_of(dig(volume, "csi", "volumeAttributes", "secretProviderClass")):
        place = Place(resource, (*root, "csi", "volumeAttributes", "secretProviderClass"))
        yield Naming(Relation.MOUNTS, place, SECRETS_STORE, "SecretProviderClass", namespace, name)
    if claim := text_of(dig(volume, "persistentVolumeClaim", "claimName")):
        place = Place(resource, (*root, "persistentVolumeClaim", "claimName"))
        yield Naming(Relation.MOUNTS, place, "", "PersistentVolumeClaim", namespace, claim)
    for driver, field in (("csi", "nodePublishSecretRef"), ("cephfs", "secretRef"), ("rbd", "secretRef")):
        if name := text_of(dig(volume, driver, field, "name")):
            place = Place(resource, (*root, driver, field, "name"))
            yield Naming(Relation.USES, place, "", "Secret", namespace, name)


def scale_namings(resource: Resource) -> Iterator[Naming]:
    """Yield what an autoscaler scales: HorizontalPodAutoscaler, ScaledObject, ScaledJob or VerticalPodAutoscaler."""
    match resource.kind, resource.group:
        case "HorizontalPodAutoscaler", _:
            field = "scaleTargetRef"
        case "ScaledObject", "keda.sh":
            field = "scaleTargetRef"
        case "VerticalPodAutoscaler", _:
            field = "targetRef"
        case "Rollout", "argoproj.io":
            field = "workloadRef"
        case _:
            return
    target = mapping(resource.spec.get(field))
    if name := text_of(target.get("name")):
        kind = text_of(target.get("kind")) or "Deployment"
        version = text_of(target.get("apiVersion")) or "apps/v1"
        group = version.rpartition("/")[0]
        place = Place(resource, ("spec", field, "name"))
        yield Naming(Relation.SCALES, place, group, kind, resource.namespace, name)


def ingress_namings(resource: Resource) -> Iterator[Naming]:
    """Yield the Services (with port) that an Ingress routes to and the Secrets its TLS entries name."""
    if resource.kind != "Ingress":
        return
    if resource.spec.get("defaultBackend") is not None:
        yield from _backend(resource, ("spec", "defaultBackend"))
    if resource.spec.get("backend") is not None:
        yield from _backend(resource, ("spec", "backend"))
    for rule_index, rule in enumerate(sequence(resource.spec.get("rules"))):
        for path_index, _ in enumerate(sequence(dig(rule, "http", "paths"))):
            yield from _backend(resource, ("spec", "rules", rule_index, "http", "paths", path_index, "backend"))
    for index, entry in enumerate(sequence(resource.spec.get("tls"))):
        if name := text_of(mapping(entry).get("secretName")):
            place = Place(resource, ("spec", "tls", index, "secretName"))
            yield Naming(Relation.USES, place, "", "Secret", resource.namespace, name, "tls.crt")


def _backend(resource: Resource, path: Path) -> Iterator[Naming]:
    backend = mapping(dig(resource.data, *path))  # type: ignore[arg-type]
    service = mapping(backend.get("service"))
    if name := text_of(service.get("name")):
        port = mapping(service.get("port"))
        key = port.get("name") if text_of(port.get("name")) else port.get("number")
        place = Place(resource, (*path, "service", "name"))
        yield Naming(Relation.ROUTES_TO, place, "", "Service", resource.namespace, name, key)
    elif name := text_of(backend.get("serviceName")):
        place = Place(resource, (*path, "serviceName"))
        yield Naming(Relation.ROUTES_TO, place, "", "Service", resource.namespace, name, backend.get("servicePort"))


def gateway_namings(resource: Resource) -> Iterator[Naming]:
    """Yield what Gateway API objects name: parents, classes, backends and certificates."""
    if resource.group != GATEWAY:
        return
    if resource.kind == "Gateway":
        for index, listener in enumerate(sequence(resource.spec.get("listeners"))):
            for position, item in enumerate(sequence(dig(listener, "tls", "certificateRefs"))):
                path: Path = ("spec", "listeners", index, "tls", "certificateRefs", position)
                yield from _object_reference(resource, mapping(item), path, Relation.USES, "", "Secret")
        return
    for index, parent in enumerate(sequence(resource.spec.get("parentRefs"))):
        path = ("spec", "parentRefs", index)
        yield from _object_reference(resource, mapping(parent), path, Relation.USES, GATEWAY, "Gateway")
    for index, rule in enumerate(sequence(resource.spec.get("rules"))):
        for position, backend in enumerate(sequence(mapping(rule).get("backendRefs"))):
            path = ("spec", "rules", index, "backendRefs", position)
            yield from _object_reference(resource, mapping(backend), path, Relation.ROUTES_TO, "", "Service")


def _object_reference(
    resource: Resource, item: dict[str, Any], path: Path, relation: Relation, group: str, kind: str
) -> Iterator[Naming]:
    if name := text_of(item.get("name")):
        named_group, named_kind = item.get("group", group), text_of(item.get("kind")) or kind
        namespace = text_of(item.get("namespace")) or resource.namespace
        place = Place(resource, (*path, "name"))
        yield Naming(relation, place, text_of(named_group), named_kind, namespace, name, item.get("port"))


def rbac_namings(resource: Resource) -> Iterator[Naming]:
    """Yield the role that a binding grants and the ServiceAccounts that it binds."""
    if resource.group != RBAC or resource.kind not in ("RoleBinding", "ClusterRoleBinding"):
        return
    role = mapping(resource.data.get("roleRef"))
    if name := text_of(role.get("name")):
        kind = text_of(role.get("kind"))
        namespace = resource.namespace if kind == "Role" else ""
        yield Naming(Relation.GRANTS, Place(resource, ("roleRef", "name")), RBAC, kind, namespace, name)
    for index, subject in enumerate(sequence(resource.data.get("subjects"))):
        item = mapping(subject)
        if item.get("kind") == "ServiceAccount" and (name := text_of(item.get("name"))):
            namespace = text_of(item.get("namespace")) or resource.namespace
            place = Place(resource, ("subjects", index, "name"))
            yield Naming(Relation.BINDS, place, "", "ServiceAccount", namespace, name)


def issuer_namings(resource: Resource) -> Iterator[Naming]:
    """Yield the stores and issuers that secret-making objects name: cert-manager and External Secrets."""
    if resource.kind == "Certificate" and resource.group == "cert-manager.io":
        issuer = mapping(resource.spec.get("issuerRef"))
        if (name := text_of(issuer.get("name"))) and issuer.get("group", "cert-manager.io") == "cert-manager.io":
            kind = text_of(issuer.get("kind")) or "Issuer"
            namespace = "" if kind == "ClusterIssuer" else resource.namespace
            place = Place(resource, ("spec", "issuerRef", "name"))
            yield Naming(Relation.USES, place, "cert-manager.io", kind, namespace, name)
    elif resource.kind == "ExternalSecret" and resource.group == "external-secrets.io":
        store = mapping(resource.spec.get("secretStoreRef"))
        if name := text_of(store.get("name")):
            kind = text_of(store.get("kind")) or "SecretStore"
            namespace = "" if kind == "ClusterSecretStore" else resource.namespace
            place = Place(resource, ("spec", "secretStoreRef", "name"))
            yield Naming(Relation.USES, place, "external-secrets.io", kind, namespace, name)


def account_namings(resource: Resource) -> Iterator[Naming]:
    """Yield the Secrets that a ServiceAccount names for pulling images or as mountable."""
    if resource.kind != "ServiceAccount":
        return
    for field in ("imagePullSecrets", "secrets"):
        for index, item in enumerate(sequence(resource.data.get(field))):
            if name := text_of(mapping(item).get("name")):
                place = Place(resource, (field, index, "name"))
                yield Naming(Relation.USES, place, "", "Secret", resource.namespace, name)


RESOURCE_NAMINGS = (scale_namings, ingress_namings, gateway_namings, rbac_namings, issuer_namings, account_namings)
