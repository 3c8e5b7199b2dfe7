"""Formatting, lint, types and import layers hold for the whole tree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["mypy"],
        ["lint-imports", "--no-cache"],
    ],
    ids=lambda command: " ".join(command),
)
def test_tool_finds_nothing(command: list[str]) -> None:
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run([str(program), *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_of_the_package_has_a_size_that_one_reads_at_once() -> None:
    lengths = {file: len(file.read_text("utf-8").splitlines()) for file in (ROOT / "refarch_lint").rglob("*.py")}
    assert {file.relative_to(ROOT).as_posix(): length for file, length in lengths.items() if length > 300} == {}


def test_continuous_integration_runs_the_command_of_the_readme() -> None:
    last = (ROOT / ".ci" / "run").read_text().splitlines()[-1]
    assert last in (ROOT / "README.md").read_text().splitlines()
