"""What the build puts into the wheel says the same as the files of the repository."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

from refarch_lint.catalogue import catalogue as module
from refarch_lint.catalogue.catalogue import load_catalogue

ROOT = Path(__file__).parents[1]


def build_hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_compiled_rules_give_the_same_catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = build_hook().compiled_rules(ROOT / "rules")
    (tmp_path / "rules.json").write_text(json.dumps(compiled))
    expected = load_catalogue(check=True)
    monkeypatch.setattr(module, "data_folder", lambda: tmp_path)
    assert load_catalogue() == expected
