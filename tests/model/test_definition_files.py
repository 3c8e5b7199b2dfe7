"""The CustomResourceDefinitions at a schema location: a folder of manifests, or one of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from refarch_lint.errors import UsageError
from refarch_lint.model.api_schema import open_schemas
from refarch_lint.model.schema_location import DEFAULT_LOCATION, SchemaLocation

DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, kind: Widget}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {size: {type: integer}}}}}
"""


def widget(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": spec}


def messages(data: dict[str, Any], *locations: str) -> list[str]:
    store = open_schemas("1.33", [SchemaLocation(text) for text in locations])
    return [fault.message for fault in store.faults(data)]


@pytest.mark.parametrize(
    ("file", "location"),
    [("widgets.yaml", "."), ("deep/er/widgets.yml", "."), ("widgets.yaml", "widgets.yaml"), ("w.YML", "w.YML")],
)
def test_a_definition_is_the_schema_of_its_kind(
    file: str, location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(f"kind: ConfigMap\n---\n{DEFINITION}", "utf-8")
    assert messages(widget(size=1), location) == []
    assert messages(widget(size="big"), location) == ["spec.size is a string, an integer is required"]
    assert messages(widget(sise=1), location) == ["unknown field spec.sise; did you mean size?"]


def test_definitions_in_lists_count(tmp_path: Path) -> None:
    item = "\n".join(f"    {line}" for line in DEFINITION.splitlines()).replace("    apiV", "  - apiV", 1)
    (tmp_path / "all.yaml").write_text(f"apiVersion: v1\nkind: List\nitems:\n{item}\n", "utf-8")
    assert messages(widget(size="big"), str(tmp_path)) == ["spec.size is a string, an integer is required"]


def test_a_schema_file_goes_before_a_definition_of_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / "widgets.yaml").write_text(DEFINITION, "utf-8")
    (tmp_path / "widget_v1.json").write_text('{"properties": {"spec": {"required": ["colour"]}}}', "utf-8")
    assert messages(widget(), str(tmp_path)) == ["spec.colour is required but missing"]


def test_the_first_location_that_has_the_kind_counts(tmp_path: Path) -> None:
    for name, kind in (("a", "integer"), ("b", "boolean")):
        (tmp_path / f"{name}.yaml").write_text(DEFINITION.replace("integer", kind), "utf-8")
    first, second = str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")
    assert messages(widget(size=True), first, second) == ["spec.size is a boolean, an integer is required"]
    assert messages(widget(size=True), second, first) == []


def test_definitions_that_cannot_be_read_are_told_and_other_manifests_are_not(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("a: [\n", "utf-8")
    (tmp_path / "template.yaml").write_text("kind: CustomResourceDefinition\n{{ if .Values.a }}\n", "utf-8")
    assert messages(widget(), str(tmp_path)) == []
    (tmp_path / "widgets.yaml").write_text("kind: CustomResourceDefinition\na: [\n", "utf-8")
    with pytest.raises(UsageError, match=r"could not read definitions .*widgets\.yaml: line 2: could not parse"):
        messages(widget(), str(tmp_path))


def test_a_manifest_without_definitions_is_no_schema_location(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("kind: ConfigMap\n", "utf-8")
    with pytest.raises(UsageError, match=r"other\.yaml: it holds no CustomResourceDefinition"):
        messages(widget(), str(tmp_path / "other.yaml"))


def test_definitions_of_the_tree_stand_where_default_stands(tmp_path: Path) -> None:
    (tmp_path / "widgets.yaml").write_text(DEFINITION, "utf-8")
    own = {"apiVersion": "apiextensions.k8s.io/v1", "spec": {"group": "example.com", "names": {"kind": "Widget"}}}
    own["spec"]["versions"] = [{"name": "v1"}]  # type: ignore[index]
    elsewhere = SchemaLocation(str(tmp_path))
    for locations, faults in (
        ((DEFAULT_LOCATION, elsewhere), 0),
        ((elsewhere, DEFAULT_LOCATION), 1),
        ((elsewhere,), 1),
    ):
        assert len(open_schemas("1.33", locations, [own]).faults(widget(size="big"))) == faults
