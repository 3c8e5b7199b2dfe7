"""Mutants of containers and pods: probes, resources, images, security contexts, ports, volumes, identities."""

from __future__ import annotations

from collections.abc import Iterator

from refarch_lint.evaluate.fit import fit_architecture
from refarch_lint.graph.edge import Relation
from refarch_lint.location import Path
from refarch_lint.model.workload import ContainerType
from tests.mutation import edits
from tests.mutation.making import Maker, every, has, mapping, running, sequence, spot
from tests.mutation.world import Mutant, World

#: Looks like what somebody would really choose.
PASSWORD = "Tr0ub4dor-and-3"

PROBES = ("livenessProbe", "readinessProbe")


def probes(world: World) -> Iterator[Mutant]:
    """Probes taken away, sent to a port that is not there, without time for an answer."""
    make = Maker(world, "probes")
    for workload, container in running(world):
        resource = workload.resource
        for probe in PROBES:
            if probe not in container.data:
                continue
            path = (*container.path, probe)
            yield make.remove(resource, path, "probes-configured")
            handler = mapping(mapping(container.data[probe]).get("httpGet"))
            if isinstance(handler.get("port"), str):
                yield make.replace(resource, (*path, "httpGet", "port"), "nowhere", "probe-port-exists")
            if probe == "readinessProbe" and has(container.data, probe, "timeoutSeconds"):
                period = (*path, "periodSeconds")
                yield make.replace(
                    resource,
                    (*path, "timeoutSeconds"),
                    "3600",
                    "probe-timing-sane",
                    value=3600,
                    at=(spot(resource, *path, "timeoutSeconds"), spot(resource, *period), spot(resource, *path)),
                )
            misspelt = probe.replace("Probe", "probe")
            near = (spot(resource, *container.path, misspelt),)
            yield make.rename(resource, path, misspelt, "schema-valid", at=near)


def resources(world: World) -> Iterator[Mutant]:
    """Requests and limits taken away, turned round, or given in the wrong unit."""
    make = Maker(world, "requests and limits")
    for workload, container in every(world):
        if not has(container.data, "resources", "limits", "memory"):
            continue
        resource, path = workload.resource, (*container.path, "resources")
        filled = container.type is ContainerType.INIT or _filled_by_limit_range(world, resource.namespace)
        limits, requests = (*path, "limits"), (*path, "requests")
        if not filled:
            yield make.remove(resource, path, "memory-limit", "memory-request", "cpu-request")
            yield make.remove(resource, (*limits, "memory"), "memory-limit")
        if (
            not filled
            and has(container.data, "resources", "requests", "cpu")
            and not has(container.data, "resources", "limits", "cpu")
        ):
            yield make.remove(resource, (*requests, "cpu"), "cpu-request")
        if not filled and has(container.data, "resources", "limits", "cpu"):
            yield make.remove(resource, (*limits, "cpu"), "cpu-limit")
        yield make.replace(resource, (*requests, "memory"), "900Gi", "request-within-limit")
        yield make.replace(resource, (*limits, "memory"), "512m", "quantity-plausible")
        yield make.replace(resource, (*requests, "cpu"), "500Mi", "quantity-plausible")


def _filled_by_limit_range(world: World, namespace: str) -> bool:
    """Tell whether a LimitRange of the namespace gives what a container leaves out, so that nothing is missing."""
    return any(
        item.get("type") == "Container" and "default" in item
        for limit_range in world.graph.index.of_kind("LimitRange", "")
        if limit_range.namespace == namespace
        for item in map(mapping, sequence(limit_range.spec.get("limits")))
    )


def images(world: World) -> Iterator[Mutant]:
    """Images without a digest, of the newest tag, of a registry that is frozen."""
    make = Maker(world, "images")
    for workload, container in every(world):
        image = container.data["image"]
        resource, path = workload.resource, (*container.path, "image")
        tagged = image.partition("@")[0]
        name = tagged.rpartition(":")[0]
        if "@" in image:
            yield make.replace(resource, path, tagged, "image-by-digest")
        yield make.replace(resource, path, f"{name}:latest", "image-pinned")
        yield make.replace(resource, path, name, "image-pinned")
        yield make.replace(resource, path, f"k8s.gcr.io/{tagged.rpartition('/')[2]}", "image-registry-allowed")


def security_contexts(world: World) -> Iterator[Mutant]:
    """Fields of security contexts taken away or turned round."""
    make = Maker(world, "security contexts")
    for workload, container in every(world):
        if not has(container.data, "securityContext", "allowPrivilegeEscalation"):
            continue
        resource, path = workload.resource, (*container.path, "securityContext")
        escalation, capabilities = (*path, "allowPrivilegeEscalation"), (*path, "capabilities")
        named = (spot(resource, *container.path, "name"),)
        yield make.remove(resource, escalation, "pod-security/privilege-escalation", "pod-admitted", at=named)
        yield make.replace(
            resource, escalation, "true", "pod-security/privilege-escalation", "pod-admitted", value=True
        )
        yield make.add(resource, escalation, "privileged", "true", True, "pod-security/privileged", "pod-admitted")
        if has(container.data, "securityContext", "readOnlyRootFilesystem"):
            root = (*path, "readOnlyRootFilesystem")
            near = (spot(resource, *root), spot(resource, *container.path, "name"))
            yield make.remove(resource, root, "read-only-root-filesystem", at=near)
            yield make.replace(resource, root, "false", "read-only-root-filesystem", value=False)
        if has(container.data, "securityContext", "capabilities", "drop", 0):
            drop = (*capabilities, "drop", 0)
            yield make.remove(resource, capabilities, "pod-security/capabilities-restricted", "pod-admitted", at=named)
            near = (spot(resource, *drop), spot(resource, *capabilities, "drop"))
            yield make.replace(
                resource, drop, "NET_RAW", "pod-security/capabilities-restricted", "pod-admitted", at=near
            )
            yield make.add(
                resource,
                (*capabilities, "drop"),
                "add",
                "[SYS_ADMIN]",
                ["SYS_ADMIN"],
                "pod-security/capabilities",
                "pod-admitted",
                "pod-security/capabilities-restricted",
                "pod-admitted",
            )
    for workload in world.graph.workloads:
        resource, path = workload.resource, (*workload.pod_spec_path, "securityContext")
        context = mapping(workload.pod_spec.get("securityContext"))
        if "runAsNonRoot" in context:
            yield make.replace(
                resource, (*path, "runAsNonRoot"), "false", "pod-security/run-as-non-root", "pod-admitted", value=False
            )
        if "runAsUser" in context:
            yield make.replace(resource, (*path, "runAsUser"), "0", "pod-security/run-as-user", "pod-admitted", value=0)
        if has(context, "seccompProfile", "type"):
            kind = (*path, "seccompProfile", "type")
            yield make.replace(
                resource,
                kind,
                "Unconfined",
                "pod-security/seccomp",
                "pod-admitted",
                "pod-security/seccomp-restricted",
                "pod-admitted",
            )
            everyone = tuple(spot(resource, *container.path) for container in workload.containers)
            near = (spot(resource, *path), spot(resource, *path, "seccompProfile"), *everyone)
            yield make.remove(
                resource, (*path, "seccompProfile"), "pod-security/seccomp-restricted", "pod-admitted", at=near
            )
        near_host = (*workload.pod_spec_path, "containers")
        yield make.add(resource, near_host, "hostNetwork", "true", True, "pod-security/host-namespaces", "pod-admitted")
        yield make.add(resource, near_host, "hostPID", "true", True, "pod-security/host-namespaces", "pod-admitted")


def identities(world: World) -> Iterator[Mutant]:
    """Pods under an account that is not there, or with a token they do not need; accounts taken away."""
    make = Maker(world, "service accounts")
    for workload in world.graph.workloads:
        resource, spec = workload.resource, workload.pod_spec_path
        name = workload.pod_spec.get("serviceAccountName")
        if isinstance(name, str):
            yield make.replace(resource, (*spec, "serviceAccountName"), "nobody", "rbac-references-exist")
            account = world.graph.index.find("", "ServiceAccount", resource.namespace, name)
            if account is not None:
                users = tuple(
                    spot(other.resource, *other.pod_spec_path, "serviceAccountName")
                    for other in world.graph.workloads
                    if other.namespace == resource.namespace and other.pod_spec.get("serviceAccountName") == name
                )
                yield make.drop(account, "rbac-references-exist", at=users)
        if workload.pod_spec.get("automountServiceAccountToken") is False:
            token = (*spec, "automountServiceAccountToken")
            yield make.replace(resource, token, "true", "service-account-token-off", value=True)


def lifetimes(world: World) -> Iterator[Mutant]:
    """Pods that are killed at once, workloads that keep no revisions, rollouts that stop serving."""
    make = Maker(world, "rollouts and shutdowns")
    stores = fit_architecture(world.graph, world.catalogue, world.settings).book.with_trait("datastore")
    for workload in world.graph.workloads:
        resource, spec = workload.resource, workload.pod_spec_path
        if workload.runs_to_completion:
            continue
        if "terminationGracePeriodSeconds" in workload.pod_spec:
            grace = (*spec, "terminationGracePeriodSeconds")
            yield make.replace(resource, grace, "0", "graceful-shutdown", value=0)
        if "revisionHistoryLimit" in resource.spec:
            limit = ("spec", "revisionHistoryLimit")
            yield make.replace(resource, limit, "0", "rollback-possible", value=0)
        if has(resource.spec, "strategy", "rollingUpdate", "maxUnavailable") and world.graph.services_of(workload):
            unavailable = ("spec", "strategy", "rollingUpdate", "maxUnavailable")
            yield make.replace(resource, unavailable, "100%", "rollout-keeps-serving")
        for container in workload.containers:
            replicas = world.graph.replicas(workload)
            served = world.graph.services_of(workload) and replicas is not None and replicas.minimum > 1
            if container.runs_throughout and "lifecycle" in container.data and served and resource not in stores:
                yield make.remove(resource, (*container.path, "lifecycle"), "graceful-shutdown")


def labels(world: World) -> Iterator[Mutant]:
    """Labels of pods that no longer meet the selectors of controllers, Services, budgets and policies."""
    make = Maker(world, "labels and selectors")
    for workload in world.graph.workloads:
        resource = workload.resource
        selector = mapping(mapping(resource.spec.get("selector")).get("matchLabels"))
        template = (*workload.template_path, "metadata", "labels")
        near = (spot(resource, "spec", "selector"), spot(resource, *template))
        for key in selector:
            whole = (*near, spot(resource, "spec", "selector", "matchLabels", key), spot(resource, *template, key))
            yield make.replace(resource, (*template, key), "other", "selector-matches-template", at=whole)
            path = ("spec", "selector", "matchLabels", key)
            yield make.replace(resource, path, "other", "selector-matches-template", at=whole)


def volumes(world: World) -> Iterator[Mutant]:
    """Volumes of things that are not there, without a bound, or mounted though nobody declares them."""
    make = Maker(world, "volumes and claims")
    sources = (
        (("secret", "secretName"), "secret-reference-exists"),
        (("configMap", "name"), "config-reference-exists"),
        (("persistentVolumeClaim", "claimName"), "claim-exists"),
    )
    for workload in world.graph.workloads:
        resource = workload.resource
        for index, volume in enumerate(sequence(workload.pod_spec.get("volumes"))):
            path = (*workload.pod_spec_path, "volumes", index)
            for field, rule in sources:
                if has(volume, *field):
                    yield make.replace(resource, (*path, *field), "nowhere", rule)
            for item, projected in enumerate(sequence(mapping(volume.get("projected")).get("sources"))):
                for kind, rule in (("secret", "secret-reference-exists"), ("configMap", "config-reference-exists")):
                    if has(projected, kind, "name"):
                        whole = (*path, "projected", "sources", item, kind, "name")
                        yield make.replace(resource, whole, "nowhere", rule)
            bounded = all(has(item.data, "resources", "limits", "ephemeral-storage") for item in workload.containers)
            if has(volume, "emptyDir", "sizeLimit") and not bounded:
                yield make.remove(resource, (*path, "emptyDir", "sizeLimit"), "emptydir-bounded")
            mounts = tuple(
                spot(resource, *container.path, "volumeMounts", number, "name")
                for container in workload.containers
                for number, mount in enumerate(sequence(container.data.get("volumeMounts")))
                if mount.get("name") == volume["name"]
            )
            if mounts:
                yield make.remove(resource, path, "field-values-valid", at=mounts)
        for index, claim in enumerate(sequence(resource.spec.get("volumeClaimTemplates"))):
            name = claim["metadata"]["name"]
            near = tuple(
                spot(resource, *container.path, *more)
                for container in workload.containers
                for number, mount in enumerate(sequence(container.data.get("volumeMounts")))
                if mount.get("name") == name
                for more in (("volumeMounts", number, "name"), ("volumeMounts", number), ("name",), ("volumeMounts",))
            )
            whole = (*near, spot(resource, "metadata", "name"), spot(resource, "spec", "volumeClaimTemplates"))
            path = ("spec", "volumeClaimTemplates", index)
            yield make.remove(resource, path, "datastore-persistent", "field-values-valid", at=whole)


def data_folders(world: World) -> Iterator[Mutant]:
    """Datastores whose volume stands beside the folder in which the image keeps its data."""
    make = Maker(world, "volumes and claims")
    book = fit_architecture(world.graph, world.catalogue, world.settings).book
    for resource in book.with_trait("datastore"):
        workload = world.graph.workload(resource)
        for container in workload.containers if workload and "volumeClaimTemplates" in resource.spec else ():
            if not container.runs_throughout:
                continue
            for index, mount in enumerate(sequence(container.data.get("volumeMounts"))):
                if mount["name"] in {item["metadata"]["name"] for item in resource.spec["volumeClaimTemplates"]}:
                    path = (*container.path, "volumeMounts", index)
                    near = (
                        spot(resource, *container.path, "name"),
                        spot(resource, *path, "mountPath"),
                        spot(resource, *path),
                        spot(resource, *container.path, "volumeMounts"),
                    )
                    yield make.replace(resource, (*path, "mountPath"), "/elsewhere", "datastore-persistent", at=near)
                    yield make.remove(resource, path, "datastore-persistent", at=near)


def configuration(world: World) -> Iterator[Mutant]:
    """Variables that read objects or keys that are not there; keys and objects taken away; literal credentials."""
    make = Maker(world, "configuration and secrets")
    for workload, container in every(world):
        resource = workload.resource
        for index, source in enumerate(sequence(container.data.get("envFrom"))):
            for field, rule in (
                ("configMapRef", "config-reference-exists"),
                ("secretRef", "secret-reference-exists"),
            ):
                if has(source, field, "name"):
                    yield make.replace(resource, (*container.path, "envFrom", index, field, "name"), "nowhere", rule)
        for index, variable in enumerate(sequence(container.data.get("env"))):
            for field, rule in (
                ("configMapKeyRef", "config-reference-exists"),
                ("secretKeyRef", "secret-reference-exists"),
            ):
                if has(variable, "valueFrom", field, "name"):
                    path = (*container.path, "env", index, "valueFrom", field)
                    near = (spot(resource, *path, "name"), spot(resource, *path, "key"))
                    yield make.replace(resource, (*path, "name"), "nowhere", rule, at=near)
                    yield make.replace(resource, (*path, "key"), "no-such-key", rule, at=near)
        if sequence(container.data.get("env")):
            first = (*container.path, "env", 0)
            lines = ("name: DATABASE_PASSWORD", f"value: {PASSWORD}")
            item = {"name": "DATABASE_PASSWORD", "value": PASSWORD}
            yield make.insert(
                resource, first, lines, item, "credential-not-literal", at=(spot(resource, *first, "value"),)
            )
    for reference in world.graph.references:
        if reference.kind in ("ConfigMap", "Secret") and reference.target is not None:
            rule = "config-reference-exists" if reference.kind == "ConfigMap" else "secret-reference-exists"
            if reference.relation in (Relation.READS, Relation.MOUNTS):
                users = tuple(
                    spot(other.place.resource, *path)
                    for other in world.graph.references
                    if (other.kind, other.namespace, other.name)
                    == (reference.kind, reference.namespace, reference.name)
                    for path in _mentions(other.place.resource.data, other.place.path)
                )
                yield make.drop(reference.target, rule, at=users)
                key = reference.key
                if isinstance(key, str) and has(reference.target.data, "data", key):
                    yield make.rename(reference.target, ("data", key), f"{key}-renamed", rule, at=users)


def _mentions(data: object, path: Path) -> Iterator[Path]:
    """Yield the places of a reference: the name, the key beside it, the keys of the items below it."""
    yield path
    yield (*path[:-1], "key")
    parent = edits.value_at(data, path[:-1])
    for index, _ in enumerate(sequence(mapping(parent).get("items"))):
        yield (*path[:-1], "items", index, "key")


GENERATORS = (
    probes,
    resources,
    images,
    security_contexts,
    identities,
    lifetimes,
    labels,
    volumes,
    data_folders,
    configuration,
)
