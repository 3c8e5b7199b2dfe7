"""What kustomizations take in, whichever field and spelling they use."""

from __future__ import annotations

import pytest

from refarch_lint.graph.kustomize import Kustomization, closure, kustomizations, roots
from refarch_lint.source.loading import read_bytes


def read(**files: str) -> dict[str, Kustomization]:
    named = {f"{folder}/kustomization.yaml": text for folder, text in files.items()}
    return kustomizations(read_bytes(name, text.encode()) for name, text in named.items())


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_every_file_name_is_known(name: str) -> None:
    assert list(kustomizations([read_bytes(f"app/{name}", b"resources: [api.yaml]\n")])) == ["app"]


def test_other_files_are_none() -> None:
    assert kustomizations([read_bytes("app/kustomize.yaml", b"resources: [api.yaml]\n")]) == {}


@pytest.mark.parametrize("field", ["resources", "bases", "components", "crds"])
def test_paths_start_at_the_folder_of_the_file(field: str) -> None:
    assert read(app=f"{field}: [./api.yaml, ../base/, sub/web.yaml]\n")["app"].takes == (
        "app/api.yaml",
        "base",
        "app/sub/web.yaml",
    )


def test_generated_files_are_known_by_their_path_and_not_by_their_key() -> None:
    generator = "secretGenerator: [{name: s, files: [tls.crt=certs/tls.yaml, plain.yaml]}]\n"
    assert read(app=generator)["app"].patches == ("app/certs/tls.yaml", "app/plain.yaml")


def test_a_closure_holds_each_file_once_and_ends_in_rings() -> None:
    known = read(a="resources: [../b, own.yaml]\n", b="resources: [../a, ../c, own.yaml]\n", c="resources: [../b]\n")
    assert sorted(closure(known["a"], known).files) == [
        "a/kustomization.yaml",
        "a/own.yaml",
        "b/kustomization.yaml",
        "b/own.yaml",
        "c/kustomization.yaml",
    ]
    assert roots(known) == ()


def test_roots_are_what_nobody_takes_in() -> None:
    known = read(base="resources: [x.yaml]\n", dev="resources: [../base]\n", prod="resources: [../base]\n")
    assert [item.folder for item in roots(known)] == ["dev", "prod"]


@pytest.mark.parametrize(
    ("text", "transforms"),
    [("resources: [x.yaml]\n", False), ("namePrefix: dev-\n", True), ("images: [{name: a, newTag: b}]\n", True)],
)
def test_what_changes_the_result_is_told(text: str, transforms: bool) -> None:
    assert read(app=text)["app"].transforms is transforms


def test_components_are_told_apart() -> None:
    assert read(app="kind: Component\n")["app"].component
    assert not read(app="kind: Kustomization\n")["app"].component


@pytest.mark.parametrize("text", ["- a\n", "text\n", "resources: 5\n", "resources: [{a: b}, 5, null]\n"])
def test_any_shape_is_read(text: str) -> None:
    assert [item.takes for item in read(app=text).values()] == [()]


def test_objects_that_patches_delete_are_told() -> None:
    inline = "$patch: delete\n    apiVersion: v1\n    kind: Service\n    metadata: {name: outside}\n"
    found = read(
        app=f"resources: [../base]\npatches:\n- patch: |\n    {inline}",
        base=f"patchesStrategicMerge:\n- |\n    {inline.replace('outside', 'debug')}",
        other="patches:\n- {patch: 'kind: Service\\nmetadata: {name: kept}'}\n- {path: missing.yaml}\n",
    )
    assert found["app"].removes == {("Service", "outside")}
    assert found["other"].removes == frozenset()
    assert closure(found["app"], found).removed == {("Service", "outside"), ("Service", "debug")}
    assert closure(found["base"], found).removed == {("Service", "debug")}


def test_patch_files_delete_too() -> None:
    patch = b"apiVersion: v1\nkind: Service\nmetadata: {name: outside}\n$patch: delete\n"
    files = [
        read_bytes("app/kustomization.yaml", b"patches: [{path: gone.yaml}]\n"),
        read_bytes("app/gone.yaml", patch),
    ]
    assert kustomizations(files)["app"].removes == {("Service", "outside")}


def test_the_outermost_namespace_wins() -> None:
    known = read(
        a="namespace: outer\nresources: [../b, own.yaml]\n",
        b="namespace: inner\nresources: [b.yaml]\n",
        c="resources: [../b]\n",
    )
    assert closure(known["a"], known).files == {
        "a/kustomization.yaml": "outer",
        "a/own.yaml": "outer",
        "b/kustomization.yaml": "outer",
        "b/b.yaml": "outer",
    }
    assert closure(known["c"], known).files["b/b.yaml"] == "inner"
