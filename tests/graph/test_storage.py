"""What stands behind the folders of a container."""

from __future__ import annotations

from typing import Any

import pytest

from refarch_lint.graph.claims import ClaimKey
from refarch_lint.graph.place import Place
from refarch_lint.graph.storage import (
    Backing,
    Volume,
    clean_path,
    is_same_claim,
    is_within,
    mount_at,
    mounts_in,
    volumes_of,
)
from refarch_lint.model.resource import Resource, resource_of
from refarch_lint.model.workload import Workload, workload_of
from refarch_lint.source.document import Document


def workload(volumes: list[Any], mounts: list[Any], templates: list[Any] | None = None) -> Workload:
    container = {"name": "db", "image": "x", "volumeMounts": mounts}
    spec = {"template": {"spec": {"containers": [container], "volumes": volumes}}, "volumeClaimTemplates": templates}
    data = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": spec,
    }
    found = resource_of(Document("a.yaml", 0, "", 1, data), data, ())
    assert found is not None
    made = workload_of(found)
    assert made is not None
    return made


def test_the_deepest_mount_holds_a_folder() -> None:
    made = workload(
        [{"name": "a", "emptyDir": {}}, {"name": "b", "persistentVolumeClaim": {"claimName": "c"}}],
        [{"name": "a", "mountPath": "/"}, {"name": "b", "mountPath": "/var/lib/x/"}],
    )
    mounts = mounts_in(made, made.containers[0])
    inner, outer = mount_at(mounts, "/var/lib/x/data"), mount_at(mounts, "/var/lib/xy")
    assert inner is not None
    assert outer is not None
    assert (inner.volume.name, inner.volume.lasts) == ("b", True)
    assert (outer.volume.name, outer.volume.vanishes) == ("a", True)


def test_a_claim_template_replaces_a_volume_of_its_name() -> None:
    made = workload([{"name": "data", "emptyDir": {}}], [], [{"metadata": {"name": "data"}}])
    assert volumes_of(made)["data"].backing is Backing.TEMPLATE


@pytest.mark.parametrize(
    ("source", "backing"),
    [
        ({"nfs": {"server": "x", "path": "/"}}, Backing.NETWORK),
        ({"ephemeral": {}}, Backing.EPHEMERAL),
        ({"csi": {"driver": "x"}}, Backing.CSI),
        ({"secret": {"secretName": "x"}}, Backing.CONTENT),
        ({}, Backing.EMPTY_DIR),
    ],
)
def test_backing(source: dict[str, Any], backing: Backing) -> None:
    assert volumes_of(workload([{"name": "v", **source}], []))["v"].backing is backing


@pytest.mark.parametrize("item", [None, 1, [], {"name": 3}, {"name": "v", "mountPath": 5}])
def test_anything_may_stand_anywhere(item: Any) -> None:
    made = workload([item], [item])
    assert mounts_in(made, made.containers[0]) == ()


def volume(backing: Backing, name: str, namespace: str = "shop") -> Volume:
    stand_in = workload([], []).resource
    assert isinstance(stand_in, Resource)
    return Volume("v", backing, Place(stand_in), ClaimKey(namespace, name))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (volume(Backing.CLAIM, "a"), volume(Backing.CLAIM, "a"), True),
        (volume(Backing.CLAIM, "a"), volume(Backing.CLAIM, "a", "other"), False),
        (volume(Backing.TEMPLATE, "data-db-"), volume(Backing.CLAIM, "data-db-0"), True),
        (volume(Backing.CLAIM, "data-db-12"), volume(Backing.TEMPLATE, "data-db-"), True),
        (volume(Backing.TEMPLATE, "data-db-"), volume(Backing.CLAIM, "data-db-backup"), False),
        (volume(Backing.TEMPLATE, "data-db-"), volume(Backing.CLAIM, "0"), False),
    ],
)
def test_same_claim(one: Volume, other: Volume, same: bool) -> None:
    assert is_same_claim(one, other) is same


def test_paths() -> None:
    assert (clean_path("/a//b/"), clean_path("//a")) == ("/a/b", "/a")
    assert is_within("/a/b", "/a")
    assert not is_within("/ab", "/a")
