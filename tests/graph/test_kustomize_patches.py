"""Patches of kustomizations: what they make of objects, as kustomize does it, and where the result is written."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import pytest

from refarch_lint.graph.units import deployed, partition
from refarch_lint.model.resource import Resource
from tests.graph.overlays import BASE, HEAD, IDENTITY, built
from tests.graph.trees import contents, resources_in


def merged(change: str, identity: str = IDENTITY) -> Mapping[str, Any]:
    """Return the pod specification after one patch in a file of its own."""
    patch = f"{identity}spec:\n  template:\n    spec:\n{textwrap.indent(textwrap.dedent(change), '      ')}"
    spec: Mapping[str, Any] = built("patches: [{path: patch.yaml}]\n", prod__patch=patch).data["spec"]["template"][
        "spec"
    ]
    return spec


def test_items_of_lists_are_merged_by_their_keys_and_those_of_the_patch_come_first() -> None:
    spec = merged("containers:\n- {name: proxy, args: [x]}\n- {name: new, image: new:1}\n")
    assert spec["containers"][:2] == [
        {"name": "proxy", "image": "registry.example.com/proxy:1", "args": ["x"]},
        {"name": "new", "image": "new:1"},
    ]
    assert spec["containers"][2]["name"] == "main"


def test_entries_of_lists_within_items_are_merged_too() -> None:
    main = merged("containers:\n- {name: main, env: [{name: B, value: '3'}, {name: C, value: '4'}]}\n")["containers"][0]
    assert [(item["name"], item["value"]) for item in main["env"]] == [("B", "3"), ("C", "4"), ("A", "1")]


@pytest.mark.parametrize(
    ("change", "field", "result"),
    [
        ("args: [x]", "args", ["x"]),
        ("args: null", "args", None),
        ("resources: {limits: {cpu: null}}", "resources", {"limits": {"memory": "1Gi"}}),
        ("resources: {$patch: replace, requests: {cpu: 1}}", "resources", {"requests": {"cpu": 1}}),
        ("env: [{name: A, $patch: delete}]", "env", [{"name": "B", "value": "2"}]),
        ("env: [{$patch: replace}, {name: Z, value: z}]", "env", [{"name": "Z", "value": "z"}]),
        ("volumeDevices: [{devicePath: /x, $patch: delete}]", "volumeDevices", []),
        ("ports: [{containerPort: 80, protocol: UDP}]", "ports", [{"containerPort": 80}]),
        ("ports: [{containerPort: 81}]", "ports", [{"containerPort": 81}, {"containerPort": 80}]),
        ("lifecycle: {preStop: null}", "lifecycle", {}),
    ],
)
def test_what_a_strategic_merge_makes_of_a_container(change: str, field: str, result: object) -> None:
    assert merged(f"containers:\n- {{name: main, {change}}}\n")["containers"][0].get(field) == result


def test_lists_without_a_key_are_replaced_and_mappings_merged() -> None:
    spec = merged("tolerations: [{key: b}]\nnodeSelector: {zone: null, arch: arm}\n")
    assert spec["tolerations"] == [{"key": "b"}]
    assert spec["nodeSelector"] == {"disk": "ssd", "arch": "arm"}


def test_an_item_that_a_patch_deletes_is_gone() -> None:
    assert [item["name"] for item in merged("containers: [{name: proxy, $patch: delete}]\n")["containers"]] == ["main"]


def test_lists_of_custom_resources_are_replaced() -> None:
    thing = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\nspec: {containers: [{name: a, x: 1}]}\n"
    read = contents(
        kustomization=f"{HEAD}resources: [thing.yaml]\npatches: [{{path: patch.yaml}}]\n",
        thing=thing,
        patch=thing.replace("x: 1", "z: 2"),
    )
    found = resources_in(read)
    unit = partition(read, found).units[0]
    assert [item.data["spec"]["containers"] for item in deployed(unit, found, {}) if item.kind == "Thing"] == [
        [{"name": "a", "z": 2}]
    ]


def test_pull_secrets_of_an_account_are_replaced_and_its_secrets_merged() -> None:
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: s}\n"
    read = contents(
        kustomization=f"{HEAD}resources: [account.yaml]\npatchesStrategicMerge: [patch.yaml]\n",
        account=f"{account}imagePullSecrets: [{{name: a}}]\nsecrets: [{{name: a}}]\n",
        patch=f"{account}imagePullSecrets: [{{name: b}}]\nsecrets: [{{name: b}}]\n",
    )
    found = resources_in(read)
    data = next(item.data for item in deployed(partition(read, found).units[0], found, {}) if item.name == "s")
    assert (data["imagePullSecrets"], data["secrets"]) == ([{"name": "b"}], [{"name": "b"}, {"name": "a"}])


@pytest.mark.parametrize(
    ("target", "is_meant"),
    [
        ("kind: Deployment", True),
        ("kind: Deploy.*, name: a.+", True),
        ("name: ap", False),
        ("kind: StatefulSet", False),
        ("group: apps, version: v1", True),
        ("group: batch", False),
        ("labelSelector: tier=web", True),
        ("labelSelector: tier == web", True),
        ("labelSelector: tier", True),
        ("labelSelector: 'tier!=web'", False),
        ("labelSelector: 'app!=web,tier=web'", True),
        ("labelSelector: 'tier in (api, web),tier'", True),
        ("labelSelector: tier notin (web)", False),
        ("labelSelector: '!tier'", False),
        ("labelSelector: tier > 1", False),
        ("annotationSelector: a=b", False),
        ("annotationSelector: a!=b", True),
        ("namespace: other", False),
        ("name: '('", False),
        ("name: [a]", False),
        ("name: api|web", True),
        ("name: ^(api|web)$", True),
        ("name: a.*.*.*", False),
        ("name: (a+)+", False),
    ],
)
def test_a_target_tells_which_objects_are_meant(target: str, is_meant: bool) -> None:
    found = built(
        f"patches: [{{target: {{{target}}}, path: patch.yaml}}]\n", prod__patch=f"{IDENTITY}spec: {{paused: true}}\n"
    )
    assert ("paused" in found.data["spec"]) is is_meant


@pytest.mark.parametrize(
    "overlay",
    [
        "replicas: [{name: api, count: 4}]\n",
        "patchesJson6902: [{target: {kind: Deployment, name: api}, path: json.yaml}]\n",
        "patchesStrategicMerge:\n  - |-\n    " + IDENTITY.replace("\n", "\n    ") + "spec: {replicas: 4}\n",
        "components: [../many]\n",
    ],
)
def test_every_way_to_patch_is_known(overlay: str) -> None:
    found = built(
        overlay,
        prod__json="- {op: replace, path: /spec/replicas, value: 4}\n",
        many__kustomization=f"{HEAD.replace('Kustomization', 'Component')}replicas: [{{name: api, count: 4}}]\n",
    )
    assert found.data["spec"]["replicas"] == 4


def test_what_is_taken_in_is_patched_before_what_takes_it_in() -> None:
    read = contents(
        base__kustomization=f"{HEAD}resources: [api.yaml]\nreplicas: [{{name: api, count: 7}}]\n",
        base__api=BASE,
        mid__kustomization=f"{HEAD}resources: [../base]\n",
        prod__kustomization=f"{HEAD}resources: [../mid]\nreplicas: [{{name: api, count: 8}}]\n",
        test__kustomization=f"{HEAD}resources: [../mid]\n",
    )
    found = resources_in(read)
    assert {
        unit.name: item.data["spec"]["replicas"]
        for unit in partition(read, found).units
        for item in deployed(unit, found, {})
        if item.kind == "Deployment"
    } == {"prod": 8, "test": 7}


def test_each_value_is_where_it_is_written() -> None:
    inline = """\
        namespace: shop
        replicas: [{name: api, count: 4}]
        patches:
          - path: patch.yaml
          - patch: |-
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: api}
              spec:
                paused: true
    """
    patch = f"{IDENTITY}spec:\n  template:\n    spec:\n      containers:\n        - name: main\n          tty: yes\n"
    found = built(textwrap.dedent(inline), prod__patch=patch)
    main = ("spec", "template", "spec", "containers", 0)

    def place(resource_path: tuple[str | int, ...]) -> tuple[str, int]:
        location = found.locate(resource_path)
        return location.file, location.span.start.line

    assert place(("spec", "replicas")) == ("prod/kustomization.yaml", 5)
    assert place(("spec", "paused")) == ("prod/kustomization.yaml", 13)
    assert place((*main, "tty")) == ("prod/patch.yaml", 9)
    assert place((*main, "image")) == ("base/api.yaml", 12)
    assert found.key_location((*main, "tty")).span.start.column == 11
    assert found.key_location(("spec", "paused")).file == "prod/kustomization.yaml"
    assert (found.written((*main, "tty")), found.written(("spec", "paused"))) == ("yes", "true")
    assert found.written((*main, "env", 0, "value")) == '"1"'
    assert found.namespace == "shop"


def test_an_object_that_no_patch_changes_is_the_one_that_is_written() -> None:
    same = "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: api}, spec: {replicas: 2}}'}]\n"
    assert type(built(same)) is Resource


def test_units_that_share_an_object_patch_it_each_for_itself() -> None:
    read = contents(
        base__kustomization=f"{HEAD}resources: [api.yaml]\n",
        base__api=BASE,
        prod__kustomization=f"{HEAD}namespace: shop\nresources: [../base]\nreplicas: [{{name: api, count: 8}}]\n",
        test__kustomization=f"{HEAD}namespace: shop\nresources: [../base]\n",
    )
    found, moved = resources_in(read), dict[tuple[Resource, str], Resource]()
    units = partition(read, found).units
    counts = [
        item.data["spec"]["replicas"]
        for unit in units
        for item in deployed(unit, found, moved)
        if item.kind == "Deployment"
    ]
    assert counts == [8, 2]


@pytest.mark.parametrize(
    "overlay",
    [
        "patches: {a: b}\n",
        "patches: [1, {path: [x]}, {patch: 7}, {target: text, patch: '- 1'}]\n",
        "patches: [{patch: ': : ['}]\n",
        "patches: [{patch: 'just a text'}, {path: missing.yaml}, {path: ../../../outside.yaml}]\n",
        "patches: [{patch: '{kind: Deployment}'}, {patch: '{metadata: {name: api}}'}, {patch: '[]'}]\n",
        "patches: [{target: {kind: Deployment}, patch: '{kind: 1, metadata: text, spec: null}'}]\n",
        "patches: [{target: {kind: Deployment}, patch: '{? [a] : b}'}]\n",
        "patchesStrategicMerge: [1, 'a: b']\nreplicas: [1, {name: api}, {name: 1, count: 2}, {name: api, count: x}]\n",
        "components: [../prod, .]\n",
    ],
)
def test_patches_of_any_shape_are_read_without_a_crash(overlay: str) -> None:
    assert built(overlay).name == "api"
