"""What is accepted in vain is told of every kind of workload, and values of a wrong type break nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from refarch_lint.location import format_path
from refarch_lint.model.accepted_values import accepted
from refarch_lint.model.resource import resources_of
from refarch_lint.model.workload import workload_of
from refarch_lint.source.loading import read_bytes

POD: dict[str, Any] = {
    "restartPolicy": "OnFailure",
    "affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "a"}]}},
    "terminationGracePeriodSeconds": -1,
    "imagePullSecrets": [{}],
    "volumes": [{"name": "a", "emptyDir": {"medium": "Disk"}}],
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "a b", "whenUnsatisfiable": "ScheduleAnyway"}],
    "containers": [
        {
            "name": "a",
            "image": "a",
            "env": [
                {"name": "A", "value": "a"},
                {"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.uid"}}},
            ],
            "ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 80, "hostIP": "10.0.0.1"}],
        }
    ],
    "initContainers": [
        {"name": "b", "image": "b", "restartPolicy": "Always", "ports": [{"containerPort": 81, "hostPort": 80}]}
    ],
}  # fmt: skip
JOB: dict[str, Any] = {"completionMode": "Indexed", "backoffLimitPerIndex": 1, "template": {"spec": POD}}
TOLD = [
    "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector",
    "containers[0].env[1].name",
    "containers[0].ports[1].containerPort",
    "containers[0].ports[1].hostIP",
    "imagePullSecrets[0].name",
    "initContainers[0].ports[0].hostPort",
    "terminationGracePeriodSeconds",
    "topologySpreadConstraints[0].topologyKey",
    "volumes[0].emptyDir.medium",
]


def told(kind: str, api_version: str, spec: dict[str, Any]) -> list[str]:
    data = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "a"}, "spec": spec}
    (document,) = read_bytes("a.json", json.dumps(data).encode()).documents
    (resource,) = resources_of(document)
    return sorted(format_path(path) for path, _, _ in accepted(resource, workload_of(resource)))


@pytest.mark.parametrize(
    ("kind", "api_version", "spec", "prefix"),
    [
        ("Pod", "v1", POD, "spec."),
        ("DaemonSet", "apps/v1", {"template": {"spec": POD}}, "spec.template.spec."),
        ("Job", "batch/v1", JOB, "spec.template.spec."),
        ("CronJob", "batch/v1", {"jobTemplate": {"spec": JOB}}, "spec.jobTemplate.spec.template.spec."),
    ],
)
def test_the_pods_of_every_kind_are_looked_at(kind: str, api_version: str, spec: dict[str, Any], prefix: str) -> None:
    restarted = ["restartPolicy"] if "Job" in kind else []
    assert told(kind, api_version, spec) == sorted(prefix + path for path in TOLD + restarted)


@pytest.mark.parametrize("hostile", [None, [], {}, "text", "${A}", 1, 1.5, True, [None], [[]], {"a": [1]}], ids=str)
def test_any_type_anywhere_is_no_crash(hostile: Any) -> None:
    def changed(value: Any) -> list[Any]:
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        found = [hostile]
        for key, item in items:
            for other in changed(item):
                whole = value.copy()
                whole[key] = other
                found.append(whole)
        return found

    for job in changed(JOB):
        assert isinstance(told("Job", "batch/v1", job), list)
