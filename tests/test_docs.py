"""The derived pages of the documentation are up to date, and what the documentation shows is true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from refarch_lint.catalogue.reading import read_document, schema_faults

ROOT = Path(__file__).parents[1]


def test_derived_pages_are_fresh() -> None:
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_example_configuration_is_valid() -> None:
    file = ROOT / "docs" / "example.refarch-lint.yaml"
    document, faults = read_document(file, file.name)
    assert faults == ()
    assert document is not None
    assert schema_faults(document, "config") == ()
