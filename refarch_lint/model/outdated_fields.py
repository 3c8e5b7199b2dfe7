"""Which fields, annotations and labels of an object are deprecated or without effect in a version of Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from refarch_lint.location import Path
from refarch_lint.model.outdated_facts import (
    ANNOTATED_CLASSES,
    APPARMOR,
    APPARMOR_CONTAINER,
    INGRESS_CLASS,
    INGRESS_CLASS_ANNOTATION,
    NODE_LABELS,
    OBJECT_ANNOTATIONS,
    POD_ANNOTATIONS,
    SECCOMP,
    SECCOMP_CONTAINER,
    SECCOMP_POD,
    VOLUMES,
    Life,
    told,
)
from refarch_lint.model.outdated_rights import rights_in_vain
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.version import KubernetesVersion
from refarch_lint.model.workload import Workload

_POD_SECURITY = "pod-security.kubernetes.io/"
_INJECTION = "istio-injection"
_AFFINITY_TERMS = ("requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution")


class Outdated(NamedTuple):
    """Something that is written and does not do what it says: its path, what to say; `key` blames the key itself."""

    path: Path
    message: str
    key: bool = False


def outdated(resource: Resource, workload: Workload | None, target: KubernetesVersion) -> Iterator[Outdated]:
    """Yield what an object says in vain, or in a way that is going away, in Kubernetes `target`."""
    yield from _object_annotations(resource, target)
    yield from _misplaced(resource, workload)
    if workload is not None:
        yield from _pod_annotations(workload, target)
        yield from _pod_spec(workload, target)
    match resource.group, resource.kind:
        case "", "Service":
            yield from _service(resource.spec, target)
        case "", "PersistentVolume":
            yield from _volume(resource.spec, ("spec",), target, f"volume {resource.name}")
            yield from _node_terms(
                dig(resource.spec, "nodeAffinity", "required"), ("spec", "nodeAffinity", "required"), target
            )
            if resource.spec.get("persistentVolumeReclaimPolicy") == "Recycle":
                yield Outdated(
                    ("spec", "persistentVolumeReclaimPolicy"),
                    "reclaim policy Recycle is deprecated; use dynamic provisioning",
                )
        case "networking.k8s.io", "Ingress":
            yield from _ingress(resource, target)
        case "storage.k8s.io", "StorageClass":
            for index, term in enumerate(sequence(resource.data.get("allowedTopologies"))):
                yield from _expressions(term, "matchLabelExpressions", ("allowedTopologies", index), target)
        case "rbac.authorization.k8s.io", "ClusterRole" | "Role":
            for rule_path, message in rights_in_vain(resource.data.get("rules"), target):
                yield Outdated(rule_path, message)
        case "apps", "StatefulSet":
            for index, template in enumerate(sequence(resource.spec.get("volumeClaimTemplates"))):
                found = mapping(dig(template, "metadata", "annotations"))
                path: Path = ("spec", "volumeClaimTemplates", index, "metadata", "annotations")
                yield from _annotations(found, path, OBJECT_ANNOTATIONS["", "PersistentVolumeClaim"], target)


def _annotations(
    annotations: Mapping[str, Any], path: Path, lives: Mapping[str, Life], target: KubernetesVersion
) -> Iterator[Outdated]:
    for name, life in lives.items():
        if name in annotations and (verdict := told(life, target)) is not None:
            yield Outdated((*path, name), f"annotation {name} {verdict}", key=True)


def _object_annotations(resource: Resource, target: KubernetesVersion) -> Iterator[Outdated]:
    lives = dict(OBJECT_ANNOTATIONS.get((resource.group, resource.kind), {}))
    if resource.spec.get("publishNotReadyAddresses") is True:
        lives.pop("service.alpha.kubernetes.io/tolerate-unready-endpoints", None)
    yield from _annotations(resource.annotations, ("metadata", "annotations"), lives, target)


def _misplaced(resource: Resource, workload: Workload | None) -> Iterator[Outdated]:
    """Yield protections written where nothing reads them."""
    is_namespace = (resource.group, resource.kind) == ("", "Namespace")
    for name in resource.annotations:
        path: Path = ("metadata", "annotations", name)
        if is_namespace and (name.startswith(_POD_SECURITY) or name == _INJECTION):
            yield Outdated(path, f"annotation {name} is ignored: it is read as a label", key=True)
        elif workload is not None and workload.template_path and _is_protection(name):
            yield Outdated(path, f"annotation {name} is ignored here: it is read from the pod template", key=True)
    if is_namespace:
        return
    for labels, place in _label_places(resource, workload):
        for name in labels:
            if name.startswith(_POD_SECURITY):
                yield Outdated((*place, name), f"label {name} is ignored: it is read from namespaces only", key=True)


def _is_protection(name: str) -> bool:
    return name == SECCOMP_POD or name.startswith((SECCOMP_CONTAINER, APPARMOR_CONTAINER))


def _label_places(resource: Resource, workload: Workload | None) -> Iterator[tuple[Mapping[str, str], Path]]:
    yield resource.labels, ("metadata", "labels")
    if workload is not None and workload.template_path:
        yield workload.pod_labels, workload.pod_labels_path


def _pod_annotations(workload: Workload, target: KubernetesVersion) -> Iterator[Outdated]:
    path = (*workload.template_path, "metadata", "annotations")
    annotations = workload.pod_annotations
    yield from _annotations(annotations, path, POD_ANNOTATIONS, target)
    if not annotations:
        return
    containers = {container.name: container.data for container in workload.containers}
    pod = mapping(workload.pod_spec.get("securityContext"))
    for name in annotations:
        prefix = next((item for item in (SECCOMP_CONTAINER, APPARMOR_CONTAINER) if name.startswith(item)), None)
        if name == SECCOMP_POD:
            if "seccompProfile" not in pod and (verdict := told(SECCOMP, target)) is not None:
                yield Outdated((*path, name), f"annotation {name} {verdict}", key=True)
        elif prefix is not None:
            life, field = (SECCOMP, "seccompProfile") if prefix == SECCOMP_CONTAINER else (APPARMOR, "appArmorProfile")
            container = containers.get(name.removeprefix(prefix))
            if container is None and prefix == SECCOMP_CONTAINER:
                message = f"annotation {name} is ignored: the pod has no container {name.removeprefix(prefix)}"
                yield Outdated((*path, name), message, key=True)
            elif container is None or field in pod or field in mapping(container.get("securityContext")):
                continue
            elif (verdict := told(life, target)) is not None:
                yield Outdated((*path, name), f"annotation {name} {verdict}", key=True)


def _pod_spec(workload: Workload, target: KubernetesVersion) -> Iterator[Outdated]:
    spec, root = workload.pod_spec, workload.pod_spec_path
    for index, volume in enumerate(sequence(spec.get("volumes"))):
        shown = f"volume {mapping(volume).get('name')}"
        yield from _volume(mapping(volume), (*root, "volumes", index), target, shown)
    yield from _labels(mapping(spec.get("nodeSelector")), (*root, "nodeSelector"), target)
    for index, constraint in enumerate(sequence(spec.get("topologySpreadConstraints"))):
        yield from _label(constraint, "topologyKey", (*root, "topologySpreadConstraints", index), target)
    affinity = mapping(spec.get("affinity"))
    required, preferred = _AFFINITY_TERMS
    node: Path = (*root, "affinity", "nodeAffinity")
    yield from _node_terms(dig(affinity, "nodeAffinity", required), (*node, required), target)
    for index, item in enumerate(sequence(dig(affinity, "nodeAffinity", preferred))):
        path: Path = (*node, preferred, index, "preference")
        yield from _expressions(mapping(item).get("preference"), "matchExpressions", path, target)
    for kind in ("podAffinity", "podAntiAffinity"):
        for index, term in enumerate(sequence(dig(affinity, kind, required))):
            yield from _label(term, "topologyKey", (*root, "affinity", kind, required, index), target)
        for index, item in enumerate(sequence(dig(affinity, kind, preferred))):
            path = (*root, "affinity", kind, preferred, index, "podAffinityTerm")
            yield from _label(mapping(item).get("podAffinityTerm"), "topologyKey", path, target)
    account, name = spec.get("serviceAccount"), spec.get("serviceAccountName")
    if isinstance(account, str) and account and name is None:
        yield Outdated((*root, "serviceAccount"), "serviceAccount is deprecated; use serviceAccountName", key=True)
    elif isinstance(account, str) and isinstance(name, str) and account not in ("", name):
        yield Outdated(
            (*root, "serviceAccount"), f"serviceAccount is ignored beside serviceAccountName {name}", key=True
        )


def _volume(source: Mapping[str, Any], path: Path, target: KubernetesVersion, shown: str) -> Iterator[Outdated]:
    for field, life in VOLUMES.items():
        if isinstance(source.get(field), dict):
            gone = "is switched off" if field == "gitRepo" else "can no longer be mounted"
            if (verdict := told(life, target, gone)) is not None:
                yield Outdated((*path, field), f"{shown} is of type {field}, which {verdict}", key=True)


def _node_terms(selector: Any, path: Path, target: KubernetesVersion) -> Iterator[Outdated]:
    for index, term in enumerate(sequence(dig(selector, "nodeSelectorTerms"))):
        yield from _expressions(term, "matchExpressions", (*path, "nodeSelectorTerms", index), target)


def _expressions(term: Any, field: str, path: Path, target: KubernetesVersion) -> Iterator[Outdated]:
    for index, expression in enumerate(sequence(dig(term, field))):
        yield from _label(expression, "key", (*path, field, index), target)


def _label(holder: Any, field: str, path: Path, target: KubernetesVersion) -> Iterator[Outdated]:
    name = dig(holder, field)
    life = NODE_LABELS.get(name) if isinstance(name, str) else None
    if life is not None and (verdict := told(life, target)) is not None:
        yield Outdated((*path, field), f"node label {name} {verdict}")


def _labels(labels: Mapping[str, Any], path: Path, target: KubernetesVersion) -> Iterator[Outdated]:
    for name in labels:
        life = NODE_LABELS.get(name)
        if life is not None and (verdict := told(life, target)) is not None:
            yield Outdated((*path, name), f"node label {name} {verdict}", key=True)


_BALANCER_IP = Life("1.24", "", "the annotation or pool of the load balancer")
_PREFER_CLOSE = Life("1.35", "", "PreferSameZone")


def _service(spec: Mapping[str, Any], target: KubernetesVersion) -> Iterator[Outdated]:
    headless = spec.get("clusterIP") == "None" and spec.get("type", "ClusterIP") == "ClusterIP"
    if spec.get("loadBalancerIP") and (verdict := told(_BALANCER_IP, target)) is not None:
        yield Outdated(("spec", "loadBalancerIP"), f"loadBalancerIP {verdict}", key=True)
    if headless and spec.get("sessionAffinity") == "ClientIP":
        yield Outdated(("spec", "sessionAffinity"), "sessionAffinity is ignored: the Service is headless")
    if spec.get("externalName") and spec.get("type") != "ExternalName":
        yield Outdated(("spec", "externalName"), "externalName is ignored: the Service is not of type ExternalName")
    if spec.get("trafficDistribution") == "PreferClose" and (verdict := told(_PREFER_CLOSE, target)) is not None:
        yield Outdated(("spec", "trafficDistribution"), f"trafficDistribution PreferClose {verdict}")


def _ingress(resource: Resource, target: KubernetesVersion) -> Iterator[Outdated]:
    value = resource.annotations.get(INGRESS_CLASS_ANNOTATION)
    if not value or value in ANNOTATED_CLASSES or resource.spec.get("ingressClassName"):
        return
    if (verdict := told(INGRESS_CLASS, target)) is not None:
        path: Path = ("metadata", "annotations", INGRESS_CLASS_ANNOTATION)
        yield Outdated(path, f"annotation {INGRESS_CLASS_ANNOTATION} {verdict}", key=True)
