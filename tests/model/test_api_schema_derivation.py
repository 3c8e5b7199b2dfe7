from __future__ import annotations

import gzip
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from refarch_lint.data_folder import data_folder
from refarch_lint.model import schema_derivation, schema_sources
from refarch_lint.model.version import KubernetesVersion

META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
SOURCE: dict[str, Any] = {
    "$defs": {
        META: {"type": ["object", "null"], "description": "long", "properties": {"name": {"type": ["string", "null"]}}},
        "Box": {
            "description": "long",
            "type": ["object", "null"],
            "required": ["spec", "status"],
            "additionalProperties": False,
            "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Box"}],
            "properties": {
                "kind": {"type": ["string", "null"], "enum": ["Box"]},
                "metadata": {"$ref": f"#/$defs/{META}"},
                "spec": {"$ref": "#/$defs/BoxSpec", "description": "long"},
                "status": {"$ref": "#/$defs/Unused"},
            },
        },
        "BoxSpec": {
            "type": ["object", "null"],
            "required": ["size", "owner"],
            "properties": {
                "size": {"type": "integer", "format": "int32"},
                "owner": {"type": "string"},
                "parts": {"type": ["array", "null"], "items": {"$ref": "#/$defs/BoxSpec"}},
                "port": {"$ref": "#/$defs/Port"},
            },
        },
        "Port": {"oneOf": [{"type": ["string", "null"]}, {"type": ["integer", "null"]}]},
        "Unused": {"type": "object"},
        "Status": {
            "x-kubernetes-group-version-kind": [{"group": "", "version": "v1", "kind": "Status"}],
            "properties": {"metadata": {"$ref": "#/$defs/ListMeta"}},
        },
    }
}


def test_what_is_kept() -> None:
    derived = schema_derivation.derive(SOURCE, SOURCE)
    assert derived["kinds"] == {"example.com/v1/Box": "Box"}
    assert sorted(derived["definitions"]) == ["Box", "BoxSpec", "Port", META]
    box, spec = derived["definitions"]["Box"], derived["definitions"]["BoxSpec"]
    assert "description" not in json.dumps(derived)
    assert box["required"] == ["spec"]
    assert box["properties"]["kind"] == {"type": "string"}
    assert box["properties"]["spec"] == {"$ref": "#/$defs/BoxSpec", "type": ["object"]}
    assert box["properties"]["status"] == {"type": ["object", "null"]}
    assert spec["properties"]["size"] == {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
    assert spec["properties"]["parts"]["items"]["type"] == ["object"]
    assert spec["properties"]["port"] == {"$ref": "#/$defs/Port"}
    assert derived["definitions"]["Port"] == {"type": ["string", "null", "integer"]}


def test_what_the_newest_version_no_longer_requires_is_required_nowhere() -> None:
    newest = json.loads(json.dumps(SOURCE))
    newest["$defs"]["BoxSpec"]["required"] = ["size"]
    assert schema_derivation.derive(SOURCE, newest)["definitions"]["BoxSpec"]["required"] == ["size"]


def test_the_same_bytes_on_every_run() -> None:
    derived = schema_derivation.derive(SOURCE, SOURCE)
    packed = schema_derivation.compress(derived)
    assert packed == schema_derivation.compress(derived)
    assert json.loads(gzip.decompress(packed)) == derived


def test_a_checkout_that_was_never_built_derives_what_a_build_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = KubernetesVersion(1, 30)
    written = {file.name: file for file in schema_derivation.write(tmp_path / "schemas" / "kubernetes")}
    assert len(written) == 13
    built = json.loads(gzip.decompress(written["v1.30.json.gz"].read_bytes()))
    monkeypatch.setattr(schema_sources, "data_folder", lambda: tmp_path / "empty")
    derived = schema_sources.native_schemas.__wrapped__(version)
    assert {"kinds": derived.kinds, "definitions": derived.definitions} == built
    assert schema_sources.native_versions.__wrapped__()[0] == KubernetesVersion(1, 25)


def test_stale_files_are_removed(tmp_path: Path) -> None:
    (tmp_path / "v1.9.json.gz").write_bytes(b"")
    assert tmp_path / "v1.9.json.gz" not in schema_derivation.write(tmp_path)
    assert not (tmp_path / "v1.9.json.gz").exists()


def test_the_command_writes_into_the_folder_it_is_given(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert schema_derivation.main([]) == 2
    assert schema_derivation.main([str(tmp_path)]) == 0
    assert "13 files" in capsys.readouterr().out


def test_a_build_and_the_tests_derive_from_the_same_package() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    pinned = [name for name in project["build-system"]["requires"] if name.startswith("kubernetes-validate")]
    assert pinned
    assert set(pinned) <= set(project["project"]["optional-dependencies"]["dev"])


def test_the_data_folder_holds_rules_and_schemas() -> None:
    assert (data_folder() / "schemas" / "kubernetes" / "api-lifecycle.json").is_file()
