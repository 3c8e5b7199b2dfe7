"""Shrink the schemas of the kubernetes-validate package to what validation needs; standard library only, for the build.

The package carries one strict JSON Schema per Kubernetes minor version, about 2 MB each. What is kept: the kinds that
can stand in a manifest, by group, version and kind, and the definitions they reach. What changes on the way:

- descriptions, formats and defaults go; integer formats become bounds;
- `oneOf` of simple types becomes one `type` list, so that a wrong type is one plain error;
- a field that the newest version no longer calls required is required in none: servers never did, the marks were wrong;
- `status` is any object: the server drops what a client writes there;
- `null` is an absent value, as the server reads it, so it is refused where the absent value is refused.

Run as `python -m refarch_lint.model.schema_derivation FOLDER` to write the files.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_SOURCE_PACKAGE = "kubernetes-validate"
_SOURCE_MODULE = "kubernetes_validate"
_FOLDER = re.compile(r"v(1\.\d+)\.\d+-local-strict")
_REFERENCE = "#/$defs/"
_OBJECT_META = f"{_REFERENCE}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_KEPT = frozenset(
    {
        "$ref",
        "additionalProperties",
        "items",
        "properties",
        "required",
        "type",
        "x-kubernetes-list-map-keys",
        "x-kubernetes-patch-merge-key",
        "x-kubernetes-patch-strategy",
    }
)
_BOUNDS = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
}


def source_folder() -> Path | None:
    """Return the folder of the installed package's schemas, or None; the package itself is not imported."""
    spec = importlib.util.find_spec(_SOURCE_MODULE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "kubernetes-json-schema"
    return folder if folder.is_dir() else None


def source_versions(folder: Path) -> dict[str, Path]:
    """Return the definitions file of every Kubernetes minor version (`1.37`) that the package carries."""
    found = ((_FOLDER.fullmatch(path.name), path / "_definitions.json") for path in folder.iterdir())
    versions = {match[1]: file for match, file in found if match and file.is_file()}
    return dict(sorted(versions.items(), key=lambda item: int(item[0].partition(".")[2])))


def derive(source: dict[str, Any], newest: dict[str, Any]) -> dict[str, Any]:
    """Return `{"kinds": {"apps/v1/Deployment": name}, "definitions": {name: schema}}` for one version's definitions.

    `newest` is the newest version's definitions, by which wrongly required fields are corrected.
    """
    definitions = {name: _corrected(schema, newest["$defs"].get(name, {})) for name, schema in source["$defs"].items()}
    kinds = {
        "/".join(filter(None, (identity["group"], identity["version"], identity["kind"]))): name
        for name, schema in definitions.items()
        for identity in schema.get("x-kubernetes-group-version-kind", ())
        if schema.get("properties", {}).get("metadata", {}).get("$ref") == _OBJECT_META
    }
    derived: dict[str, Any] = {}
    waiting = sorted(set(kinds.values()))
    tops = set(waiting)
    while waiting:
        name = waiting.pop()
        if name in derived:
            continue
        schema = _shrink(definitions[name], definitions)
        if name in tops:
            _open_head(schema)
        derived[name] = schema
        waiting.extend(reference.removeprefix(_REFERENCE) for reference in _references(schema))
    return {"kinds": dict(sorted(kinds.items())), "definitions": dict(sorted(derived.items()))}


def derive_version(folder: Path, version: str) -> dict[str, Any]:
    """Return what `derive` makes of one of `source_versions`."""
    versions = source_versions(folder)
    return derive(_read(versions[version]), _read(list(versions.values())[-1]))


def compress(derived: dict[str, Any]) -> bytes:
    """Return derived schemas as gzip of compact JSON, the same bytes on every run."""
    text = json.dumps(derived, separators=(",", ":"), sort_keys=True)
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def write(target: Path) -> tuple[Path, ...]:
    """Write `v1.N.json.gz` for every version into `target`, return the files; FileNotFoundError without the source."""
    folder = source_folder()
    if folder is None:
        raise FileNotFoundError(f"{_SOURCE_PACKAGE} is not installed: its schemas are what these are derived from")
    target.mkdir(parents=True, exist_ok=True)
    written = []
    versions = source_versions(folder)
    newest = _read(list(versions.values())[-1])
    for version, source in versions.items():
        file = target / f"v{version}.json.gz"
        file.write_bytes(compress(derive(_read(source), newest)))
        written.append(file)
    for stale in set(target.glob("v*.json.gz")) - set(written):
        stale.unlink()
    return tuple(written)


def _read(file: Path) -> dict[str, Any]:
    definitions: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return definitions


def _corrected(schema: dict[str, Any], newest: dict[str, Any]) -> dict[str, Any]:
    known = newest.get("properties", {})
    required = [name for name in schema.get("required", ()) if name not in known or name in newest.get("required", ())]
    return schema | {"required": required} if "required" in schema else schema


def _shrink(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    shrunk = {key: value for key, value in schema.items() if key in _KEPT}
    if "oneOf" in schema:
        shrunk["type"] = list(dict.fromkeys(name for choice in schema["oneOf"] for name in _types(choice)))
    shrunk |= _BOUNDS.get(schema.get("format", ""), {})
    if "properties" in schema:
        required = frozenset(schema.get("required", ()))
        shrunk["properties"] = {
            name: _not_null(_shrink(item, definitions), definitions) if name in required else _shrink(item, definitions)
            for name, item in schema["properties"].items()
        }
    if "items" in schema:
        shrunk["items"] = _not_null(_shrink(schema["items"], definitions), definitions)
    if isinstance(schema.get("additionalProperties"), dict):
        shrunk["additionalProperties"] = _shrink(schema["additionalProperties"], definitions)
    return shrunk


def _not_null(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Refuse null beside a reference whose empty value is refused: a scalar, or an object that requires something."""
    if "$ref" not in schema:
        return schema
    target = definitions[schema["$ref"].removeprefix(_REFERENCE)]
    types = [name for choice in target.get("oneOf", (target,)) for name in _types(choice) if name != "null"]
    if types and ("object" not in types or target.get("required")):
        return schema | {"type": types}
    return schema


def _types(schema: dict[str, Any]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _open_head(schema: dict[str, Any]) -> None:
    """Leave apiVersion and kind to the lookup that found this schema, and status to the server."""
    properties = schema["properties"]
    for name in ("apiVersion", "kind"):
        properties[name] = {"type": "string"}
    if "status" in properties:
        properties["status"] = {"type": ["object", "null"]}
    schema["required"] = [name for name in schema.get("required", ()) if name != "status"]
    schema["type"] = "object"


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)


def main(arguments: list[str]) -> int:
    """Write the files into the folder named by the one argument and say how large they are."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m refarch_lint.model.schema_derivation FOLDER\n")
        return 2
    files = write(Path(arguments[0]))
    size = sum(file.stat().st_size for file in files)
    # Only this line needs it, and it takes long to import.
    from importlib import metadata

    sys.stdout.write(f"{len(files)} files, {size} bytes, from {_SOURCE_PACKAGE} {metadata.version(_SOURCE_PACKAGE)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
