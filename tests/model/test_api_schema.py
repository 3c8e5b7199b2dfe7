from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from refarch_lint.data_folder import data_folder
from refarch_lint.errors import UsageError
from refarch_lint.location import format_path
from refarch_lint.model import schema_engine
from refarch_lint.model.api_schema import SchemaFault, open_schemas
from refarch_lint.model.schema_location import SchemaLocation
from refarch_lint.model.schema_sources import native_versions


def deployment(**spec: Any) -> dict[str, Any]:
    container = {"name": "web", "image": "web:1"}
    base = {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}},
    }
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": base | spec}


def with_container(**fields: Any) -> dict[str, Any]:
    data = deployment()
    data["spec"]["template"]["spec"]["containers"][0] |= fields
    return data


CONTAINER = ("spec", "template", "spec", "containers", 0)


def test_a_valid_object_has_no_faults_in_any_version() -> None:
    assert len(native_versions()) == 13
    for version in native_versions():
        assert open_schemas(str(version)).faults(deployment(replicas=3)) == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            deployment(replicas="3"),
            SchemaFault(("spec", "replicas"), "spec.replicas is a string, an integer is required"),
        ),
        (
            deployment(replicass=3),
            SchemaFault(("spec", "replicass"), "unknown field spec.replicass; did you mean replicas?", key=True),
        ),
        (
            with_container(name=None),
            SchemaFault((*CONTAINER, "name"), "spec.template.spec.containers[0].name is null, a string is required"),
        ),
        (
            with_container(volumes=[]),
            SchemaFault(
                (*CONTAINER, "volumes"),
                "unknown field spec.template.spec.containers[0].volumes; volumes is a field of spec.template.spec",
                key=True,
            ),
        ),
        (
            with_container(env=[{"name": "DEBUG", "value": True}]),
            SchemaFault(
                (*CONTAINER, "env", 0, "value"),
                "spec.template.spec.containers[0].env[0].value is a boolean, a string is required (quote it)",
            ),
        ),
        (
            with_container(ports=[{"name": "http"}]),
            SchemaFault(
                (*CONTAINER, "ports", 0, "containerPort"),
                "spec.template.spec.containers[0].ports[0].containerPort is required but missing",
            ),
        ),
        (
            deployment(replicas=2**31),
            SchemaFault(("spec", "replicas"), "spec.replicas is 2147483648, at most 2147483647 is allowed"),
        ),
        (
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": None},
            SchemaFault(("spec",), "spec is null, a mapping is required"),
        ),
        ({"apiVersion": "apps/v1", "kind": ""}, SchemaFault(("kind",), "kind is required but missing")),
        ({"apiVersion": 1, "kind": "Pod"}, SchemaFault(("apiVersion",), "apiVersion is not a string")),
    ],
)
def test_a_fault_stands_at_its_exact_path(data: dict[str, Any], expected: SchemaFault) -> None:
    assert open_schemas("1.37").faults(data) == (expected,)


def test_all_faults_are_told_in_the_order_of_their_paths() -> None:
    data = with_container(imagePullPolicy=1, ports="none", colour="red")
    del data["spec"]["selector"]
    assert [fault.path for fault in open_schemas("1.30").faults(data)] == [
        ("spec", "selector"),
        (*CONTAINER, "colour"),
        (*CONTAINER, "imagePullPolicy"),
        (*CONTAINER, "ports"),
    ]


def test_null_is_an_absent_value() -> None:
    store = open_schemas("1.37")
    assert store.faults(deployment(replicas=None, strategy=None)) == ()
    assert store.faults(with_container(resources=None, env=None)) == ()
    assert [fault.path for fault in store.faults(deployment(selector=None))] == []
    data = deployment()
    data["spec"]["template"]["spec"]["containers"] = [None]
    assert [fault.path for fault in store.faults(data)] == [CONTAINER]


def test_quantities_and_ports_take_numbers_and_texts() -> None:
    resources = {"limits": {"cpu": 1, "memory": "1Gi"}, "requests": {"cpu": 0.5}}
    probe = {"httpGet": {"path": "/", "port": "http"}}
    assert open_schemas("1.37").faults(with_container(resources=resources, livenessProbe=probe)) == ()
    wrong = with_container(resources={"limits": {"cpu": [1]}})
    assert [fault.path for fault in open_schemas("1.37").faults(wrong)] == [(*CONTAINER, "resources", "limits", "cpu")]


def test_the_status_is_left_to_the_server() -> None:
    assert open_schemas("1.37").faults(deployment() | {"status": {"anything": 1}}) == ()


def test_fields_that_were_wrongly_marked_required_are_optional_in_every_version() -> None:
    data = deployment() | {"kind": "StatefulSet"}
    assert open_schemas("1.25").faults(data) == ()


def test_kinds_are_known_by_group_version_and_kind() -> None:
    store = open_schemas("1.25")
    assert store.knows("apps/v1", "Deployment")
    assert store.knows("autoscaling/v2beta2", "HorizontalPodAutoscaler")
    assert not open_schemas("1.26").knows("autoscaling/v2beta2", "HorizontalPodAutoscaler")
    assert not store.knows("v1", "Deployment")
    assert not store.knows("networking.example.com/v1", "Ingress")
    assert store.faults({"apiVersion": "networking.example.com/v1", "kind": "Ingress", "spec": 1}) == ()
    assert store.api_versions("Deployment") == ("apps/v1",)


def test_a_version_without_schemas_is_judged_by_the_nearest() -> None:
    assert str(open_schemas("1.20.3").version) == "1.25"
    assert str(open_schemas("v1.99").version) == "1.37"
    with pytest.raises(UsageError, match="could not select a Kubernetes version"):
        open_schemas("one")


def test_unknown_fields_pass_where_validation_is_not_strict() -> None:
    store = open_schemas("1.37", strict=False)
    assert store.faults(deployment(replicass=3)) == ()
    assert len(store.faults(deployment(replicas="3", replicass=3))) == 1


@pytest.mark.parametrize("hostile", [[], "text", 1, {"a": {1: 2}}, {"containers": {"a": 1}}])
def test_any_data_gets_an_answer(hostile: Any) -> None:
    assert open_schemas("1.37").faults(deployment(template=hostile))


def test_data_beyond_every_depth_is_a_fault_and_no_crash() -> None:
    nested: dict[str, Any] = {}
    node = nested
    for _ in range(100_000):
        node["a"] = {}
        node = node["a"]
    assert open_schemas("1.37").faults({"apiVersion": "v1", "kind": "ConfigMap", "data": nested})


def definition(schema: dict[str, Any] | None, **version: Any) -> dict[str, Any]:
    version = {"name": "v1", "served": True, "storage": True, **version}
    if schema is not None:
        version["schema"] = {"openAPIV3Schema": schema}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {"group": "example.com", "names": {"kind": "Queue"}, "versions": [version]},
    }


QUEUE = {
    "type": "object",
    "required": ["spec"],
    "properties": {
        "spec": {
            "type": "object",
            "required": ["size"],
            "oneOf": [{"required": ["host"]}, {"required": ["hosts"]}],
            "properties": {
                "size": {"type": "integer", "format": "int32", "minimum": 0, "exclusiveMinimum": True},
                "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
                "mode": {"type": "string", "enum": ["fast", "safe"]},
                "wait": {"type": "string", "format": "duration"},
                "host": {"type": "string", "pattern": "^[a-z]+$"},
                "hosts": {"type": "array", "items": {"type": "string"}},
                "extra": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "template": {"type": "object", "x-kubernetes-embedded-resource": True},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "empty": {"type": "object"},
            },
        },
    },
}


def queue(**spec: Any) -> dict[str, Any]:
    base = {"size": 1, "host": "a"}
    return {"apiVersion": "example.com/v1", "kind": "Queue", "metadata": {"name": "q"}, "spec": base | spec}


def messages(schema: dict[str, Any] | None, data: dict[str, Any], **version: Any) -> list[str]:
    return [fault.message for fault in open_schemas("1.37", definitions=[definition(schema, **version)]).faults(data)]


def test_a_definition_in_the_tree_is_a_schema() -> None:
    fine = queue(port="http", mode=None, wait="30 s", extra={"a": 1}, labels={"a": "b", "c": None}, empty={})
    assert messages(QUEUE, fine) == []
    assert messages(QUEUE, queue(size=0)) == ["spec.size is 0, more than 0 is required"]
    assert messages(QUEUE, queue(size=None)) == ["spec.size is null, an integer is required"]
    assert messages(QUEUE, queue(mode="slow")) == ["spec.mode is 'slow', one of fast, safe is required"]
    assert messages(QUEUE, queue(port=[])) == ["spec.port is a list, an integer or a string is required"]
    assert messages(QUEUE, queue(hots="a")) == ["unknown field spec.hots; did you mean hosts?"]
    assert messages(QUEUE, queue(empty={"a": 1})) == ["unknown field spec.empty.a"]
    assert messages(QUEUE, queue(host="A")) == ["spec.host: text that matches ^[a-z]+$ is required"]
    assert messages(QUEUE, queue(hosts=["b"])) == ["spec matches several of the forms of which its schema allows one"]
    assert messages(QUEUE, queue(template={"kind": "Pod"})) == ["spec.template.apiVersion is required but missing"]
    without_host = queue()
    del without_host["spec"]["host"]
    assert messages(QUEUE, without_host) == ["spec needs one of the fields host, hosts"]
    misspelt = queue() | {"metadata": {"name": "q", "lables": {}}}
    assert messages(QUEUE, misspelt) == ["unknown field metadata.lables; did you mean labels?"]


PORTS = {
    "type": "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["port", "protocol"],
    "items": {
        "type": "object",
        "properties": {"port": {"type": "integer"}, "protocol": {"type": "string", "default": "TCP"}},
    },
}
TAGS = {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}
LISTS = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "anyOf": [{}],
            "properties": {
                "ports": PORTS,
                "tags": TAGS,
                "sets": {"type": "object", "additionalProperties": TAGS},
                "whole": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "atomic"},
            },
        }
    },
}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"ports": [{"port": 1}, {"port": 1, "protocol": "UDP"}]}, []),
        ({"ports": [{"port": 1}, {"port": 1, "protocol": "TCP"}]}, ["spec.ports[1]"]),
        ({"ports": [{"protocol": "UDP"}, {"protocol": "UDP"}]}, ["spec.ports[1]"]),
        ({"tags": ["a", "b", "a", "a"]}, ["spec.tags[2]", "spec.tags[3]"]),
        ({"sets": {"x": ["a"], "y": ["a"]}}, []),
        ({"sets": {"x": ["a", "a"]}}, ["spec.sets.x[1]"]),
        ({"whole": ["a", "a"], "ports": None, "tags": None}, []),
    ],
)
def test_lists_of_custom_resources_hold_each_identity_once(spec: dict[str, Any], expected: list[str]) -> None:
    data = {"apiVersion": "example.com/v1", "kind": "Queue", "metadata": {"name": "q"}, "spec": spec}
    faults = open_schemas("1.37", definitions=[definition(LISTS)]).faults(data)
    assert [format_path(fault.path) for fault in faults] == expected
    assert all("which is not allowed in this list" in fault.message for fault in faults)


@pytest.mark.parametrize("hostile", [1, "a", True, {"a": 1}, [None], [[1], [1.5]], [{"port": {}}, {"port": []}]])
def test_lists_of_any_data_get_an_answer(hostile: Any) -> None:
    for field in ("ports", "tags", "sets"):
        assert messages(LISTS, {**queue(), "spec": {field: hostile}})


def test_versions_and_missing_schemas_of_a_definition() -> None:
    assert messages(None, queue(anything=1)) == []
    store = open_schemas("1.37", definitions=[definition(QUEUE, served=False)])
    assert not store.knows("example.com/v1", "Queue")
    broken = {"type": "object", "properties": {"spec": {"type": "object", "properties": {"a": {"pattern": "(?<x"}}}}}
    assert messages(broken, queue(a="b")) == ["unknown field spec.host", "unknown field spec.size"]
    hostile = {"apiVersion": "apiextensions.k8s.io/v1", "spec": {"group": [], "versions": [1, None]}}
    assert not open_schemas("1.37", definitions=[hostile]).knows("example.com/v1", "Queue")
    nonsense = {"type": "strange", "properties": []}
    assert messages(nonsense, queue()) == []


def test_a_required_field_with_a_default_may_be_left_out() -> None:
    size = {"type": "integer", "default": 1}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "required": ["size"], "properties": {}}}}
    schema["properties"]["spec"]["properties"] = {"size": size, "host": {"type": "string"}}  # type: ignore[index]
    assert messages(schema, queue(size=None)) == []
    assert messages(schema, queue(size="1")) == ["spec.size is a string, an integer is required"]


def test_a_definition_beyond_every_depth_is_passed_over() -> None:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(5_000):
        schema = {"type": "object", "properties": {"a": schema}}
    assert not open_schemas("1.37", definitions=[definition(schema)]).knows("example.com/v1", "Queue")


def test_legacy_definitions_preserve_unknown_fields() -> None:
    legacy = definition(None) | {"apiVersion": "apiextensions.k8s.io/v1beta1"}
    legacy["spec"] |= {"validation": {"openAPIV3Schema": QUEUE}}
    store = open_schemas("1.37", definitions=[legacy])
    assert store.faults(queue(other=1)) == ()
    assert [fault.path for fault in store.faults(queue(size="1"))] == [("spec", "size")]


def test_schema_folders(tmp_path: Path) -> None:
    folder = tmp_path / "example.com"
    folder.mkdir()
    (folder / "queue_v1.json").write_text(json.dumps(QUEUE | {"$ref": "common.json"}))
    (folder / "common.json").write_text(json.dumps({"required": ["metadata"]}))
    (folder / "topic_v1.json").write_text(json.dumps({"$ref": "queue_v1.json"}))
    (tmp_path / "job-batch-v1.json").write_text(json.dumps({"type": "object", "required": ["owner"]}))
    (tmp_path / "job-batch-v2.json").write_text("[]")
    store = open_schemas("1.37", [SchemaLocation(str(tmp_path))])
    assert store.faults(queue()) == ()
    topic = {"apiVersion": "example.com/v1", "kind": "Topic", "spec": {"size": 1, "host": "a"}}
    assert [fault.path for fault in store.faults(topic)] == [("metadata",)]
    assert [fault.path for fault in store.faults({"apiVersion": "batch/v1", "kind": "Job"})] == [("owner",)]
    assert not store.knows("batch.volcano.sh/v1", "Job")
    assert not store.knows("../../etc/v1", "passwd")
    with pytest.raises(UsageError, match="it is not a JSON object"):
        store.knows("batch/v2", "Job")
    single = open_schemas("1.37", [SchemaLocation(str(folder / "queue_v1.json"))])
    assert single.knows("example.com/v1", "Queue")
    with pytest.raises(UsageError, match="no such folder or file"):
        open_schemas("1.37", [SchemaLocation(str(tmp_path / "missing"))])


def test_no_schema_reaches_outside_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "schemas" / "example.com"
    inside.mkdir(parents=True)
    (tmp_path / "secret.json").write_text("{}")
    for reference in ("../../secret.json", "https://example.com/schema.json"):
        (inside / "queue_v1.json").write_text(json.dumps({"properties": {"spec": {"$ref": reference}}}))
        with pytest.raises(UsageError, match="could not use schema"):
            open_schemas("1.37", [SchemaLocation(str(tmp_path / "schemas"))]).faults(queue())


@pytest.mark.parametrize(
    "data",
    [
        deployment(replicas="3", strategy=1),
        with_container(colour="red", ports=[{}], env=[{"name": 1}]),
        deployment(template=None, replicas=2**40),
    ],
)
def test_both_engines_find_the_same(data: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    fast = open_schemas("1.37").faults(data)
    monkeypatch.setattr(schema_engine, "_compile_fast", _not_installed)
    assert open_schemas("1.37").faults(data) == fast
    assert fast


def test_both_engines_agree_on_custom_resources(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [queue(size=0, mode="slow", hots=1, template={}), queue(hosts=["b"]), queue(host=1), queue(labels={"a": 1})]
    fast = [messages(QUEUE, case) for case in cases]
    monkeypatch.setattr(schema_engine, "_compile_fast", _not_installed)
    assert [messages(QUEUE, case) for case in cases] == fast
    assert all(fast)


def _not_installed(*_: Any) -> Any:
    raise ImportError


OWN = sorted((data_folder() / "schemas" / "resources").glob("*/*.json"))


@pytest.mark.parametrize("file", OWN, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_own_schemas_compile_and_are_open(file: Path) -> None:
    kind, version = file.stem.split("_")
    data = {"apiVersion": f"{file.parent.name}/{version}", "kind": kind, "metadata": {"name": "x"}, "extra": 1}
    store = open_schemas("1.37")
    assert store.knows(f"{file.parent.name}/{version}", kind)
    assert all(fault.path[0] == "spec" for fault in store.faults(data))
    assert [fault.path for fault in store.faults(data | {"spec": "text"})] == [("spec",)]


def test_own_schemas_tell_common_mistakes() -> None:
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "shop"},
        "spec": {
            "project": "default",
            "destination": {"namespace": "shop"},
            "source": {"repoURL": "https://example.com/shop.git"},
            "syncPolicy": {"automated": {"prune": "true"}},
        },
    }
    assert [fault.message for fault in open_schemas("1.37").faults(application)] == [
        "spec.syncPolicy.automated.prune is a string, a boolean is required"
    ]
    del application["spec"]["project"]  # type: ignore[attr-defined]
    assert next(fault.path for fault in open_schemas("1.37").faults(application)) == ("spec", "project")
