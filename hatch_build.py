"""What happens at build time: Kubernetes' schemas are derived, and the data that rules need goes into the wheel."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from ruamel.yaml import YAML

_SCHEMAS = "schemas/kubernetes"
_DERIVATION = "refarch_lint/model/schema_derivation.py"
_FOLDERS = ("rules", "schemas")
_REFERENCES = "fixtures/architectures"
_TARGET = "refarch_lint/_data"
_COMPILED = "rules.json"


class DataBuildHook(BuildHookInterface[Any]):
    """Writes `schemas/kubernetes/`, and maps rules, schemas and reference manifests to `refarch_lint/_data/`.

    An editable install maps nothing: its package reads them from the repository, where they cannot go stale.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Derive the schemas, and add the data folders to a standard wheel."""
        root = Path(self.root)
        _derive_schemas(root)
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"].update(
                {str(root / folder): f"{_TARGET}/{folder}" for folder in _data_folders(root)}
            )
            compiled = Path(self.directory) / _COMPILED
            compiled.parent.mkdir(parents=True, exist_ok=True)
            compiled.write_text(json.dumps(compiled_rules(root / "rules")), encoding="utf-8")
            build_data["force_include"][str(compiled)] = f"{_TARGET}/{_COMPILED}"


def _derive_schemas(root: Path) -> None:
    """Write the schemas anew; a source archive carries them, so it builds without the package they come from."""
    derivation = _load(root / _DERIVATION)
    if derivation.source_folder() is not None:
        derivation.write(root / _SCHEMAS)
    elif not any((root / _SCHEMAS).glob("*.json.gz")):
        raise RuntimeError("could not derive the Kubernetes schemas: kubernetes-validate is not installed")


def _data_folders(root: Path) -> Iterator[str]:
    yield from (folder for folder in _FOLDERS if (root / folder).is_dir())
    for pattern in ("*/reference", "*/init.yaml"):
        yield from (path.relative_to(root).as_posix() for path in sorted((root / _REFERENCES).glob(pattern)))


def compiled_rules(folder: Path) -> list[dict[str, Any]]:
    """Return the data of every file below `rules/` with its place there, to be read as JSON at start-up."""
    reader = YAML(typ="safe", pure=True)
    return [
        {"file": file.relative_to(folder).as_posix(), "data": reader.load(file.read_text(encoding="utf-8"))}
        for file in sorted(folder.rglob("*.yaml"))
    ]


def _load(file: Path) -> ModuleType:
    """Import one module by its file: the package around it needs libraries that a build does not have."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
