"""What runs: the one place that knows where pod templates and containers live, native sidecars included."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from refarch_lint.location import Location, Path
from refarch_lint.model.resource import Resource, dig, mapping, sequence
from refarch_lint.model.written import labels_as_written

#: Group and kind of everything that makes pods, with the path to its pod template.
POD_TEMPLATES: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): (),
    ("", "ReplicationController"): ("spec", "template"),
    ("", "PodTemplate"): ("template",),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("apps", "DaemonSet"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("extensions", "Deployment"): ("spec", "template"),
    ("extensions", "DaemonSet"): ("spec", "template"),
    ("extensions", "ReplicaSet"): ("spec", "template"),
    ("batch", "Job"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("argoproj.io", "Rollout"): ("spec", "template"),
    ("apps.openshift.io", "DeploymentConfig"): ("spec", "template"),
    ("serving.knative.dev", "Service"): ("spec", "template"),
    ("serving.knative.dev", "Configuration"): ("spec", "template"),
    ("keda.sh", "ScaledJob"): ("spec", "jobTargetRef", "template"),
}

#: Kinds whose pods run until they are done rather than for ever.
RUN_TO_COMPLETION = frozenset({"Job", "CronJob", "ScaledJob"})

#: Kinds that keep a number of interchangeable or ordered replicas.
REPLICATED = frozenset(
    {"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout", "DeploymentConfig"}
)


class ContainerType(StrEnum):
    """How a container takes part in its pod; a sidecar is an init container with `restartPolicy: Always`."""

    REGULAR = "container"
    SIDECAR = "sidecar"
    INIT = "init container"
    EPHEMERAL = "ephemeral container"


@dataclass(frozen=True, slots=True, eq=False)
class Container:
    """One container of a pod template; `path` leads to it from the resource's root."""

    type: ContainerType
    data: dict[str, Any]
    path: Path

    @property
    def name(self) -> str:
        name = self.data.get("name")
        return name if isinstance(name, str) and name else f"[{self.path[-1]}]"

    @property
    def runs_throughout(self) -> bool:
        """Whether the container lives as long as its pod: regular containers and native sidecars."""
        return self.type in (ContainerType.REGULAR, ContainerType.SIDECAR)


@dataclass(frozen=True, eq=False)
class Workload:
    """A resource that makes pods, seen through its pod template (`template_path` from the resource's root)."""

    resource: Resource
    template_path: Path

    @cached_property
    def template(self) -> dict[str, Any]:
        return mapping(dig(self.resource.data, *self.template_path))  # type: ignore[arg-type]

    @cached_property
    def pod_metadata(self) -> dict[str, Any]:
        return mapping(self.template.get("metadata"))

    @cached_property
    def pod_spec(self) -> dict[str, Any]:
        return mapping(self.template.get("spec"))

    @cached_property
    def pod_spec_path(self) -> Path:
        return (*self.template_path, "spec")

    @cached_property
    def pod_labels_path(self) -> Path:
        """The path to the labels that the pods get."""
        return (*self.template_path, "metadata", "labels")

    @cached_property
    def pod_labels(self) -> dict[str, str]:
        return labels_as_written(self.resource, self.pod_labels_path, self.pod_metadata.get("labels"))

    @cached_property
    def pod_annotations(self) -> dict[str, str]:
        path = (*self.template_path, "metadata", "annotations")
        return labels_as_written(self.resource, path, self.pod_metadata.get("annotations"))

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """Every container, in the API's order: regular, init (and sidecars), ephemeral."""
        found: list[Container] = []
        for key, container_type in (
            ("containers", ContainerType.REGULAR),
            ("initContainers", ContainerType.INIT),
            ("ephemeralContainers", ContainerType.EPHEMERAL),
        ):
            for index, data in enumerate(sequence(self.pod_spec.get(key))):
                if isinstance(data, dict):
                    actual = container_type
                    if key == "initContainers" and data.get("restartPolicy") == "Always":
                        actual = ContainerType.SIDECAR
                    found.append(Container(actual, data, (*self.pod_spec_path, key, index)))
        return tuple(found)

    @cached_property
    def namespace(self) -> str:
        return self.resource.namespace

    @cached_property
    def kind(self) -> str:
        return self.resource.kind

    @property
    def declared_replicas(self) -> int | None:
        """`spec.replicas` as written; None where it is absent or the kind has none."""
        replicas = self.resource.spec.get("replicas") if self.kind in REPLICATED else None
        return replicas if isinstance(replicas, int) and not isinstance(replicas, bool) else None

    @cached_property
    def runs_to_completion(self) -> bool:
        """Whether the pods are meant to end: Jobs, CronJobs and pods that are not restarted."""
        if self.kind in RUN_TO_COMPLETION:
            return True
        return self.kind == "Pod" and self.pod_spec.get("restartPolicy", "Always") != "Always"

    @property
    def host_network(self) -> bool:
        return self.pod_spec.get("hostNetwork") is True

    def locate(self, path: Path = ()) -> Location:
        """Return where the value at `path` of the resource stands."""
        return self.resource.locate(path)

    def __str__(self) -> str:
        return str(self.resource)


def workload_of(resource: Resource) -> Workload | None:
    """Return the workload that a resource is, or None; a Rollout that borrows its template has no pods of its own."""
    path = POD_TEMPLATES.get((resource.group, resource.kind))
    if path is None:
        return None
    if path and not isinstance(dig(resource.data, *path), dict):
        return None
    return Workload(resource, path)
