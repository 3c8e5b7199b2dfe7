"""The four reference sets as a user would have them: in a repository of their own, read once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from refarch_lint.config import Settings

ARCHITECTURES = Path(__file__).parents[1] / "fixtures" / "architectures"
IDS = ("web-app", "microservices", "data-pipeline", "full-stack")
TODAY = date(2026, 6, 1)


def lay_out(architecture: str, shape: str, folder: Path, *, repository: bool = True) -> Path:
    """Copy a set into a folder, as a repository with an origin where `repository` is set, and return the folder."""
    root = folder / "repository"
    shutil.copytree(ARCHITECTURES / architecture / shape, root)
    if repository:
        (root / ".git").mkdir()
        (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        (root / ".git" / "config").write_text('[remote "origin"]\n\turl = https://git.example.com/shop/app.git\n')
    return root


def settings(root: Path, **choices: object) -> Settings:
    """Return the settings with which the command line would check a folder."""
    return replace(Settings(repository_start=root.resolve(), today=TODAY), **choices)  # type: ignore[arg-type]


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work inside a folder, so that reports show paths from there."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
