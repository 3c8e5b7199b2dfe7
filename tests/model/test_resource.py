"""The identity of objects: names that are read as another type, absent ones, and items of lists."""

from __future__ import annotations

import pytest

from refarch_lint.model.resource import resources_of
from refarch_lint.source.loading import read_bytes


def identities(text: str) -> list[str]:
    content = read_bytes("app.yaml", text.encode())
    return [resource.id.qualified for document in content.documents for resource in resources_of(document)]


@pytest.mark.parametrize("name", ["y", "off", "true", "2024", "007", "1.10", "1e3", "0x1F"])
def test_names_of_another_type_are_taken_as_they_are_written(name: str) -> None:
    pod = f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name} # the pod\n  namespace: {name}\n"
    assert identities(pod) == [f"{name}/{name}[Pod]"]


def test_namesakes_in_namespaces_of_another_type_stay_apart() -> None:
    pods = "---\n".join(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a, namespace: {namespace}}}\n" for namespace in ("x", "y", "n")
    )
    assert identities(pods) == ["x/a[Pod]", "y/a[Pod]", "n/a[Pod]"]


def test_names_of_another_type_in_items_of_a_list() -> None:
    text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Namespace, metadata: {name: on}}\n"
    assert identities(text) == ["on[Namespace]"]


@pytest.mark.parametrize("name", ["null", "''", "[a]", "{a: b}"])
def test_what_is_no_name_leaves_an_object_unnamed(name: str) -> None:
    assert identities(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\n") == ["default/(unnamed 0)[Pod]"]


@pytest.mark.parametrize(
    ("api_version", "kind", "group"),
    [
        ("v1", "Deployment", "apps"),
        ("apps/v1", "Service", ""),
        ("apps/v1", "CronJob", "batch"),
        ("batch/v1", "Job", "batch"),
        ("extensions/v1beta1", "Deployment", "extensions"),
        ("serving.knative.dev/v1", "Service", "serving.knative.dev"),
        ("v1", "Route", ""),
    ],
)
def test_native_kinds_of_a_wrong_native_group_are_what_was_meant(api_version: str, kind: str, group: str) -> None:
    content = read_bytes("app.yaml", f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: a}}\n".encode())
    (resource,) = resources_of(content.documents[0])
    assert (resource.group, resource.api_version) == (group, api_version)
