"""Hundreds of small objects that the API server refuses, each for one value, and their neighbours that it accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from refarch_lint.location import format_path
from refarch_lint.model.field_values import value_faults
from refarch_lint.model.version import LATEST_VERSION, KubernetesVersion, parse_version

Data = dict[str, Any]
FOLDER = Path(__file__).parent / "values"

POD = {"containers": [{"name": "app", "image": "app:1"}]}
TEMPLATE = {"metadata": {"labels": {"app": "a"}}, "spec": POD}
JOB = {"template": {**TEMPLATE, "spec": {**POD, "restartPolicy": "Never"}}}
WORKLOAD = {"selector": {"matchLabels": {"app": "a"}}, "template": TEMPLATE}
#: What an object of a kind has that is not written in each case, so that it is complete.
SPECS: dict[str, Data] = {
    "CronJob": {"schedule": "0 2 * * *", "jobTemplate": {"spec": JOB}},
    "CustomResourceDefinition": {
        "group": "a.com",
        "scope": "Namespaced",
        "names": {"plural": "things", "kind": "Thing"},
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
        ],
    },
    "DaemonSet": WORKLOAD,
    "Deployment": WORKLOAD,
    "HorizontalPodAutoscaler": {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"},
        "maxReplicas": 5,
    },
    "Job": JOB,
    "Pod": POD,
    "StatefulSet": WORKLOAD,
}


class Case(NamedTuple):
    """An object, and where it is refused for what, if it is."""

    data: Data
    path: str
    says: str
    refused: KubernetesVersion = LATEST_VERSION
    accepted: KubernetesVersion = LATEST_VERSION


def merged(base: Data, more: Data) -> Data:
    """Return a mapping with what another one adds and replaces, mapping by mapping."""
    together = dict(base)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(base.get(key), dict)
        together[key] = merged(base[key], value) if both else value
    return together


def whole(api_version: str, kind: str, part: Data) -> Data:
    """Return a complete object of a kind; `container` is the only container of a Pod."""
    name = "things.a.com" if kind == "CustomResourceDefinition" else "thing"
    base: Data = {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}
    if kind in SPECS:
        base["spec"] = SPECS[kind]
    part = dict(part)
    if (container := part.pop("container", None)) is not None:
        part["spec"] = {"containers": [POD["containers"][0] | container]}
    return merged(base, part)


def cases(file: str) -> list[Case]:
    """Return the cases of a file, in its order."""
    found = YAML(typ="safe", pure=True).load((FOLDER / file).read_text(encoding="utf-8"))
    return [
        Case(
            whole(*kind.split(), item["object"]),
            item.get("path", ""),
            item.get("says", ""),
            *(parse_version(item[key]) for key in ("refused", "accepted") if key in item),
        )
        for kind, items in found.items()
        for item in items
    ]


def named(case: Case) -> str:
    return f"{case.data['kind']} {case.path}"


@pytest.mark.parametrize("case", cases("refused.yaml"), ids=named)
def test_what_the_api_refuses_is_told_once_at_its_place(case: Case) -> None:
    told = [
        (format_path(path), message.removeprefix(f"{format_path(path)} ")) for path, message in value_faults(case.data)
    ]
    assert told == [(case.path, case.says)]


@pytest.mark.parametrize("case", cases("accepted.yaml"), ids=named)
def test_what_the_api_accepts_has_no_faults(case: Case) -> None:
    assert value_faults(case.data) == ()


@pytest.mark.parametrize("case", cases("versions.yaml"), ids=named)
def test_what_one_version_refuses_and_another_accepts(case: Case) -> None:
    told = [
        (format_path(path), message.removeprefix(f"{format_path(path)} "))
        for path, message in value_faults(case.data, case.refused)
    ]
    assert told == [(case.path, case.says)]
    assert value_faults(case.data, case.accepted) == ()
