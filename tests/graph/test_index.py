"""Looking resources up: by identity without the version, by kind and group, by namespace, in reading order."""

from __future__ import annotations

from refarch_lint.graph.index import ResourceIndex
from tests.graph.trees import graph_of, thing, workload


def index(*texts: str) -> ResourceIndex:
    return graph_of(*texts).index


def test_identity_is_group_kind_namespace_and_name() -> None:
    found = index(thing("v1", "Secret", "a"), thing("v1", "Secret", "a", namespace="other"), workload(name="a"))
    assert found.find("", "Secret", "other", "a") is found.resources[1]
    assert found.find("apps", "Deployment", "shop", "a") is found.resources[2]
    assert found.find("", "Deployment", "shop", "a") is None
    assert found.find("", "Secret", "", "a") is None


def test_the_version_is_no_part_of_an_identity_and_the_first_of_two_is_found() -> None:
    found = index(thing("batch/v1beta1", "CronJob", "a"), thing("batch/v1", "CronJob", "a"))
    assert found.find("batch", "CronJob", "shop", "a") is found.resources[0]
    assert len(found.by_id[found.resources[0].id]) == 2


def test_kinds_are_told_apart_by_group() -> None:
    found = index(thing("postgresql.cnpg.io/v1", "Cluster", "a"), thing("cluster.x-k8s.io/v1", "Cluster", "b"))
    assert [item.name for item in found.of_kind("Cluster")] == ["a", "b"]
    assert [item.name for item in found.of_kind("Cluster", "postgresql.cnpg.io")] == ["a"]
    assert found.of_kind("Bucket") == ()


def test_an_object_without_a_namespace_is_in_the_default_one() -> None:
    found = index("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n")
    assert found.find("", "Secret", "default", "a") is found.resources[0]


def test_cluster_scoped_objects_have_no_namespace_whatever_they_say() -> None:
    found = index(thing("rbac.authorization.k8s.io/v1", "ClusterRole", "a"))
    assert found.find("rbac.authorization.k8s.io", "ClusterRole", "", "a") is found.resources[0]


def test_items_of_lists_are_resources() -> None:
    found = index("apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}}\n- 5\n")
    assert [str(item) for item in found.resources] == ["Secret/a"]
    assert str(found.resources[0].locate(("metadata", "name"))) == "app.yaml:4:51"


def test_workloads_are_known_by_namespace_and_templates_are_none() -> None:
    template = thing("v1", "PodTemplate", "t", "template: {spec: {containers: []}}\n")
    found = index(workload(), workload(name="web", namespace="other"), template)
    assert [str(item) for item in found.workloads] == ["Deployment/api", "Deployment/web"]
    assert [str(item) for item in found.workloads_by_namespace["other"]] == ["Deployment/web"]
