"""JSON patches of kustomizations: what each operation makes of an object, and those that cannot be done."""

from __future__ import annotations

from typing import Any

import pytest

from refarch_lint.model.resource import Resource
from tests.graph.overlays import built


def operated(*operations: str) -> Resource:
    body = "".join(f"      - {operation}\n" for operation in operations)
    return built(f"patches:\n  - target: {{kind: Deployment, name: api}}\n    patch: |-\n{body}")


def containers(resource: Resource) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = resource.data["spec"]["template"]["spec"]["containers"]
    return found


def test_json_operations_add_replace_and_remove() -> None:
    found = operated(
        "{op: replace, path: /spec/replicas, value: 5}",
        "{op: add, path: /spec/template/spec/containers/0/args/0, value: zero}",
        "{op: add, path: /spec/template/spec/containers/0/args/-, value: last}",
        "{op: remove, path: /spec/template/spec/containers/0/env/1}",
        "{op: replace, path: /spec/template/spec/containers/1/image, value: other}",
        "{op: add, path: /metadata/labels/example.com~1a~0b, value: c}",
        "{op: test, path: /spec/replicas, value: 5}",
        "{op: copy, from: /spec/template/spec/containers/0/ports, path: /spec/template/spec/containers/1/ports}",
        "{op: move, from: /spec/template/spec/nodeSelector/disk, path: /spec/template/spec/nodeSelector/kind}",
    )
    main, proxy = containers(found)
    assert found.data["spec"]["replicas"] == 5
    assert main["args"] == ["zero", "one", "two", "last"]
    assert main["env"] == [{"name": "A", "value": "1"}]
    assert (proxy["image"], proxy["ports"]) == ("other", [{"containerPort": 80}])
    assert found.labels == {"tier": "web", "example.com/a~b": "c"}
    assert found.data["spec"]["template"]["spec"]["nodeSelector"] == {"zone": "a", "kind": "ssd"}


@pytest.mark.parametrize(
    "operation",
    [
        "{op: replace, path: /spec/strategy, value: 1}",
        "{op: remove, path: /spec/strategy}",
        "{op: add, path: /spec/strategy/type, value: Recreate}",
        "{op: add, path: /spec/replicas/x, value: 1}",
        "{op: add, path: /spec/template/spec/containers/7, value: {}}",
        "{op: add, path: /spec/template/spec/containers/2/image, value: x}",
        "{op: remove, path: /spec/template/spec/containers/2}",
        "{op: add, path: /spec/template/spec/containers/first, value: {}}",
        f"{{op: add, path: /spec/template/spec/containers/{'9' * 5000}, value: {{}}}}",
        "{op: turn, path: /spec/template/spec/containers/0, value: {}}",
        "{op: turn, path: /spec/replicas, value: 1}",
        "{op: copy, from: /spec/strategy, path: /spec/other}",
        "{op: move, path: /spec/other}",
        "{op: add, path: spec, value: 1}",
        "{op: add, path: 7}",
        "text",
    ],
)
def test_operations_that_cannot_be_done_change_nothing(operation: str) -> None:
    assert operated("{op: replace, path: /spec/replicas, value: 9}", operation).data["spec"]["replicas"] == 2


def test_copies_of_copies_do_not_grow_without_end() -> None:
    steps = [f"{{op: copy, from: /spec, path: /spec/{key}}}" for key in "xy" * 30]
    assert operated(*steps).data["spec"].keys() == {"replicas", "template"}


def test_values_added_inside_each_other_do_not_nest_without_end() -> None:
    deep = "{x: " * 200 + "{}" + "}" * 200
    steps = [f"{{op: add, path: /spec/x{'/x' * (201 * count)}, value: {deep}}}" for count in range(9)]
    assert "x" not in operated(*steps).data["spec"]
