"""The places of a workload that findings about its neighbours point at: the labels and the ports of its pods."""

from __future__ import annotations

from refarch_lint.graph.place import Place
from refarch_lint.location import Path
from refarch_lint.model.workload import Workload


def pod_labels(workload: Workload) -> Place:
    """Return the place of the labels that a workload gives to its pods."""
    return Place(workload.resource, workload.pod_labels_path)


def ports_path(workload: Workload) -> Path:
    """Return the path to the ports of the first container that runs throughout, else to the pod's specification."""
    for container in workload.containers:
        if container.runs_throughout:
            return (*container.path, "ports")
    return workload.pod_spec_path
