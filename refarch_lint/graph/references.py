"""What becomes of every name: the object itself, what provides it, or the verdict that it is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from refarch_lint.graph.api_access import ApiAccess
from refarch_lint.graph.edge import Reference, ReferenceStatus
from refarch_lint.graph.elsewhere import NOWHERE, Elsewhere
from refarch_lint.graph.index import ResourceIndex
from refarch_lint.graph.naming import RBAC, RESOURCE_NAMINGS, Naming, pod_namings
from refarch_lint.graph.operator_namings import MENTIONED, operator_namings
from refarch_lint.graph.provision import Provision, ProvisionIndex
from refarch_lint.graph.secret_namings import secret_namings
from refarch_lint.model.known import is_known_group
from refarch_lint.model.resource import Resource, mapping, sequence
from refarch_lint.model.workload import POD_TEMPLATES
from refarch_lint.wildcards import fits_glob

#: Objects that every cluster or every namespace has by itself.
_BUILT_IN: dict[str, tuple[str, ...]] = {
    "ServiceAccount": ("default",),
    "ConfigMap": ("kube-root-ca.crt", "openshift-service-ca.crt"),
    "ClusterRole": ("cluster-admin", "admin", "edit", "view", "system:*"),
    "AppProject": ("default",),
    "BackupStorageLocation": ("default",),
    "Role": ("extension-apiserver-authentication-reader", "system:*"),
}

#: Kinds that a platform team keeps elsewhere: their absence from the tree says nothing.
_KEPT_ELSEWHERE = frozenset(
    {
        "AppProject", "BackupStorageLocation", "ClusterAnalysisTemplate", "ClusterImageCatalog", "ClusterIssuer",
        "ClusterSecretStore", "ClusterTriggerAuthentication", "ClusterWorkflowTemplate", "Gateway", "GatewayClass",
        "GitRepository", "HelmRepository", "ImageCatalog", "IngressClass", "IPAddressPool", "ObjectStore",
        "OCIRepository", "Bucket", "PersistentVolume", "PriorityClass", "RuntimeClass", "StorageClass",
        "VolumeSnapshotClass", "VolumeSnapshotLocation", "WorkflowTemplate",
    }
)  # fmt: skip

#: Kinds that either a platform team keeps elsewhere or a team beside its application, which a tree shows by having one.
_KEPT_TOGETHER = frozenset({"Issuer", "Kafka", "KafkaConnect", "RabbitmqCluster", "SecretStore"})


class ExternalName(NamedTuple):
    """Something declared in the configuration to exist outside the tree; `namespace` and `name` are globs."""

    kind: str
    namespace: str
    name: str


def resolve_references(
    index: ResourceIndex,
    provisions: ProvisionIndex,
    external: tuple[ExternalName, ...] = (),
    elsewhere: Elsewhere = NOWHERE,
    access: ApiAccess | None = None,
) -> tuple[Reference, ...]:
    """Return every reference of the tree with what became of it, in reading order."""
    resolver = _Resolver(index, provisions, external, elsewhere, access or ApiAccess(index))
    return tuple(resolver.resolve(naming) for naming in _namings(index))


def _namings(index: ResourceIndex) -> Iterator[Naming]:
    for resource in index.resources:
        if (workload := index.workload_by_resource.get(resource)) is not None:
            yield from pod_namings(workload)
        for extract in (*RESOURCE_NAMINGS, operator_namings, secret_namings):
            yield from extract(resource)


class _Resolver:
    """Answers for one tree; keeps what many questions share."""

    def __init__(
        self,
        index: ResourceIndex,
        provisions: ProvisionIndex,
        external: tuple[ExternalName, ...],
        elsewhere: Elsewhere,
        access: ApiAccess,
    ) -> None:
        self._index = index
        self._access = access
        self._elsewhere = elsewhere
        self._external = external
        self._provisions = provisions
        self._namespaces = {resource.namespace for resource in index.resources}
        self._manned = {item.namespace for item in index.of_kind("ServiceAccount", "")}
        self._manned.update(index.workloads_by_namespace)
        self._unknown: dict[str, list[Resource]] = {}
        for resource in index.resources:
            if not is_known_group(resource.group):
                self._unknown.setdefault(resource.namespace, []).append(resource)

    @cached_property
    def _writers(self) -> Mapping[str, Resource]:
        """Every text of an object of an unknown kind, with the first such object: it may be a name that it makes."""
        found: dict[str, Resource] = {}
        for candidates in self._unknown.values():
            for candidate in candidates:
                waiting: list[Any] = [value for key, value in candidate.data.items() if key != "metadata"]
                while waiting:
                    item = waiting.pop()
                    if isinstance(item, str):
                        found.setdefault(item, candidate)
                    else:
                        waiting.extend(item.values() if isinstance(item, dict) else sequence(item))
        return found

    def resolve(self, naming: Naming) -> Reference:
        if not isinstance(naming.key, str | int):  # no key at all, or what no API takes for one
            naming = naming._replace(key=None)
        status, target, note = self._find(naming)
        if naming.optional and status in (ReferenceStatus.MISSING, ReferenceStatus.KEY_MISSING):
            status, note = ReferenceStatus.PROVIDED, "marked optional"
        return Reference(
            naming.relation,
            naming.place,
            naming.group,
            naming.kind,
            naming.namespace,
            naming.name,
            naming.key,
            status,
            target,
            note,
        )

    def _find(self, naming: Naming) -> tuple[ReferenceStatus, Resource | None, str]:
        found = self._index.find(naming.group, naming.kind, naming.namespace, naming.name)
        if found is None and naming.kind in ("Deployment", "ReplicaSet", "DaemonSet"):
            found = self._index.find("extensions", naming.kind, naming.namespace, naming.name)
        if found is not None:
            if has_key(found, naming.key):
                return ReferenceStatus.FOUND, found, ""
            if not found.is_generated and self._could_be_merged(naming):
                return ReferenceStatus.UNVERIFIABLE, found, "an operator may add keys"
            return ReferenceStatus.KEY_MISSING, found, ""
        if (provision := self._provisions.find(naming.kind, naming.namespace, naming.name)) is not None:
            return _provided(provision, naming.key)
        return self._absent(naming)

    def _could_be_merged(self, naming: Naming) -> bool:
        return self._provisions.find(naming.kind, naming.namespace, naming.name) is not None

    def _absent(self, naming: Naming) -> tuple[ReferenceStatus, Resource | None, str]:
        unverifiable = ReferenceStatus.UNVERIFIABLE
        if any(fits_glob(naming.name, pattern) for pattern in _BUILT_IN.get(naming.kind, ())):
            return ReferenceStatus.PROVIDED, None, "made by the cluster itself"
        if self._declared(naming):
            return ReferenceStatus.PROVIDED, None, "declared external in the configuration"
        if not is_known_group(naming.group) and (naming.group, naming.kind) not in MENTIONED:
            return unverifiable, None, f"{naming.kind} is not a kind that this tool knows"
        if naming.namespace == "kube-system":
            return unverifiable, None, "the cluster itself fills namespace kube-system"
        if naming.namespace and naming.namespace not in self._namespaces:
            return unverifiable, None, f"namespace {naming.namespace} is not part of the tree"
        if naming.kind == "ServiceAccount" and naming.namespace not in self._manned:
            return unverifiable, None, f"the tree has neither workload nor account of namespace {naming.namespace}"
        if naming.kind in _KEPT_ELSEWHERE or (
            naming.kind in _KEPT_TOGETHER and not self._index.of_kind(naming.kind, naming.group)
        ):
            return unverifiable, None, "kept outside the tree"
        if reason := self._elsewhere.reason(naming.group, naming.kind, naming.namespace, naming.name):
            return unverifiable, None, reason
        if naming.group == "" and naming.kind in ("Secret", "ConfigMap"):
            maker = self._access.maker(naming.kind, naming.namespace, naming.name, naming.place.resource)
            if maker is not None:
                return ReferenceStatus.PROVIDED, maker, "made by a program that may create it"
        if naming.group == "" and naming.kind in ("Secret", "ConfigMap", "Service"):
            for candidate in self._unknown.get(naming.namespace, ()):
                if candidate.name in naming.name:
                    return unverifiable, candidate, f"{candidate} may provide it"
            if (writer := self._writers.get(naming.name)) is not None:
                return unverifiable, writer, f"{writer} names it and may provide it"
        return ReferenceStatus.MISSING, None, ""

    def _declared(self, naming: Naming) -> bool:
        return any(
            item.kind == naming.kind
            and fits_glob(naming.namespace, item.namespace)
            and fits_glob(naming.name, item.name)
            for item in self._external
        )


def _provided(provision: Provision, key: str | int | None) -> tuple[ReferenceStatus, Resource | None, str]:
    provider = provision.place.resource
    if key is not None and provision.keys is not None and key not in provision.keys:
        return ReferenceStatus.KEY_MISSING, provider, f"{provider} provides no such key"
    return ReferenceStatus.PROVIDED, provider, f"provided by {provider}"


def has_key(resource: Resource, key: str | int | None) -> bool:
    """Tell whether an object has the entry asked of it: a key of a ConfigMap or Secret, a port of a Service."""
    if key is None:
        return True
    match resource.kind:
        case "ConfigMap" | "Secret" if resource.group == "":
            if resource.data.get("type") in ("kubernetes.io/service-account-token",):
                return True
            fields = ("data", "stringData", "binaryData")
            return any(key in mapping(resource.data.get(field)) for field in fields)
        case "Service" if resource.group == "":
            if resource.spec.get("type") == "ExternalName" and not resource.spec.get("ports"):
                return True
            field = "port" if isinstance(key, int) else "name"
            return any(mapping(port).get(field) == key for port in sequence(resource.spec.get("ports")))
    return True


def is_workload_kind(group: str, kind: str) -> bool:
    """Tell whether a group and kind make pods that this tool can see."""
    return (group, kind) in POD_TEMPLATES


def broken(references: Iterable[Reference]) -> Iterator[Reference]:
    """Yield the references whose object or key is certainly missing."""
    return (reference for reference in references if reference.is_broken)


__all__ = ["RBAC", "ExternalName", "broken", "has_key", "is_workload_kind", "resolve_references"]
